// SPDX-License-Identifier: EUPL-1.2
// Entry headers, ids and fingerprints [3, 8.4].
import { decode, encode } from './cbor.mjs';
import { blake } from './hash.mjs';
import {
  CLOCK_MAX, EPOCH_MAX, ID, KEY, TAG, bytes, must, optional, small, tuple, uint,
} from './shape.mjs';

/** [3.1-3.4] */
export function headerDecode(encoded) {
  const [author, epoch, seq, prev, time, precedence, group, key, size, digest] =
    tuple(decode(encoded), '[3.1]', 10);
  const header = {
    author: bytes(author, '[3.1] author', KEY),
    epoch: uint(epoch, '[3.2] epoch', { max: EPOCH_MAX }),
    seq: uint(seq, '[3.2] seq', { min: 1n }),
    prev: optional(prev, (id) => bytes(id, '[3.1] prev', ID)),
    time: uint(time, '[3.3] time', { max: CLOCK_MAX }),
    precedence: small(precedence, '[3.1] precedence', 0, 3),
    group: bytes(group, '[3.1] group', TAG),
    key: bytes(key, '[3.1] key', TAG),
    size: small(size, '[3.4] size', 49, 65536),
    digest: bytes(digest, '[3.1] digest', 32),
  };
  must((header.prev === null) === (header.seq === 1n), '[3.2] prev is null exactly at seq 1');
  return header;
}

export function headerEncode(header) {
  const { author, epoch, seq, prev, time, precedence, group, key, size, digest } = header;
  return encode([author, epoch, seq, prev, time, precedence, group, key, size, digest]);
}

/** [3.5] */
export function entryId(space, headerBytes) {
  return blake(256, space, headerBytes);
}

/** [8.4] Of heads {author, epoch, seq, id}, as 16 bytes. */
export function fingerprint(space, heads) {
  let sum = 0n;
  for (const { author, epoch, seq, id } of heads) {
    const term = blake(128, space, author, epoch, seq, id);
    sum += BigInt(`0x${Buffer.from(term).toString('hex')}`);
  }
  return Buffer.from((sum % 2n ** 128n).toString(16).padStart(32, '0'), 'hex');
}
