// SPDX-License-Identifier: EUPL-1.2
// Proofs of forks [10.6].
import { decode } from './cbor.mjs';
import { isSigned } from './cose.mjs';
import { entryId, headerDecode } from './header.mjs';
import { ID, SIGNATURE, bytes, equal, list, must, tuple } from './shape.mjs';

const PROOF_MAX = 64 * 1024;

/** The first header of a branch and its id, once all that follows from it has been checked. */
function branchOpen(item, space) {
  const parts = list(item, '[10.6] branch', 2, 33);
  const headers = parts.slice(0, -1).map((part) => bytes(part, '[10.6] header', 0, Infinity));
  const signature = bytes(parts.at(-1), '[10.6] signature', SIGNATURE);
  const [first, ...rest] = headers.map(headerDecode);
  rest.forEach((header, i) => {
    must(equal(header.author, first.author) && header.epoch === first.epoch, '[10.6] another log');
    must(header.seq === first.seq + BigInt(i + 1), '[10.6] seq');
    must(equal(header.prev, entryId(space, headers[i])), '[10.6] prev');
  });
  must(isSigned(first.author, space, headers.at(-1), signature), '[10.6] signature');
  return { ...first, id: entryId(space, headers[0]) };
}

export function forkProofOpen(encoded) {
  must(encoded.length <= PROOF_MAX, '[10.6] size');
  const [space, items] = tuple(decode(encoded), '[10.6]', 2);
  bytes(space, '[10.6] space', ID);
  const branches = list(items, '[10.6] branches', 2, 8).map((item) => branchOpen(item, space));
  const [{ author, epoch, seq }] = branches;
  branches.forEach((branch, i) => {
    must(equal(branch.author, author) && branch.epoch === epoch && branch.seq === seq,
      '[10.6] another place');
    must(i === 0 || Buffer.compare(branches[i - 1].id, branch.id) < 0, '[10.6] order');
  });
  return { space, author, epoch, seq, ids: branches.map(({ id }) => id) };
}
