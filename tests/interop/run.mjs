// SPDX-License-Identifier: EUPL-1.2
// Runs [7]: their shape, and the headers, ids and the one signature they stand for.
import { isSigned } from './cose.mjs';
import { entryId, headerEncode } from './header.mjs';
import { H } from './hash.mjs';
import {
  CLOCK_MAX, EPOCH_MAX, ID, SEQ_MAX, SIGNATURE, TAG, bytes, equal, int, list, must, optional,
  small, startsWith, tuple, uint,
} from './shape.mjs';

const ENTRIES_MAX = 32;
const SEALED_MAX = 16 * 1024; // of a run of several entries

function itemDecode(value, run, before) {
  must(Array.isArray(value) && (value.length === 3 || value.length === 5), '[7.2] item');
  const [later, precedence, sealed, group = run.group, key = run.key] = value;
  const item = {
    time: before.time + int(later, '[7.2] time'),
    precedence: small(precedence, '[7.2] precedence', 0, 3),
    sealed: bytes(sealed, '[3.4] sealed', 49, 65536),
    group: bytes(group, '[7.2] group', TAG),
    key: bytes(key, '[7.2] key', TAG),
  };
  const isOther = !equal(item.group, run.group) || !equal(item.key, run.key);
  must(isOther === (value.length === 5), '[7.2] group and key where they differ, only there');
  must(item.time >= 0n && item.time <= CLOCK_MAX, '[3.3] time');
  return item;
}

/** [7.1-7.5] From a decoded CBOR value. */
export function runDecode(value) {
  const [author, epoch, seq, prev, group, key, time, entries, signature] =
    tuple(value, '[7.1]', 9);
  const run = {
    author: small(author, '[7.1] author', 0, 4095),
    epoch: uint(epoch, '[3.2] epoch', { max: EPOCH_MAX }),
    seq: uint(seq, '[3.2] seq', { min: 1n }),
    prev: optional(prev, (id) => bytes(id, '[7.5] prev', TAG, ID)),
    group: bytes(group, '[7.1] group', TAG),
    key: bytes(key, '[7.1] key', TAG),
    time: uint(time, '[3.3] time', { max: CLOCK_MAX }),
    items: [],
    signature: bytes(signature, '[7.1] signature', SIGNATURE),
  };
  must((run.prev === null) === (run.seq === 1n), '[7.5] prev is null exactly at seq 1');
  must(run.prev === null || [TAG, ID].includes(run.prev.length), '[7.5] prev of 8 or 32 bytes');
  for (const entry of list(entries, '[7.4] entries', 1, ENTRIES_MAX)) {
    run.items.push(itemDecode(entry, run, run.items.at(-1) ?? run));
  }
  must(run.items[0].time === run.time, '[7.2] the first difference is 0');
  must(entries[0].length === 3, "[7.2] the run's group and key are the first entry's");
  must(run.seq + BigInt(entries.length) - 1n <= SEQ_MAX, '[1.3] last seq');
  const sealed = run.items.reduce((sum, item) => sum + item.sealed.length, 0);
  must(entries.length === 1 || sealed <= SEALED_MAX, '[7.4] sealed bytes');
  return run;
}

/** [7.1, 7.2] The CBOR value of a run, from what it stands for. */
export function runEncode({ author, epoch, seq, prev, items, signature }) {
  const [{ group, key, time }] = items;
  const entries = items.map((item, i) => {
    const entry = [item.time - (items[i - 1] ?? items[0]).time, item.precedence, item.sealed];
    const isOther = !equal(item.group, group) || !equal(item.key, key);
    return isOther ? [...entry, item.group, item.key] : entry;
  });
  return [author, epoch, seq, prev, group, key, time, entries, signature];
}

/**
 * [7.3] The headers' bytes and the ids of a run by `author` (a key), whose entry before the first
 * has the id `prev` (null at seq 1). Refuses a run that does not follow it or is not authentic.
 */
export function runRebuild(run, author, space, prev) {
  must((prev === null) === (run.prev === null), '[7.5] prev');
  must(prev === null || startsWith(prev, run.prev), '[7.5] it follows another entry');
  const entries = [];
  let before = prev;
  for (const [i, item] of run.items.entries()) {
    const { epoch } = run;
    const { time, precedence, group, key, sealed } = item;
    const header = headerEncode({
      author, epoch, seq: run.seq + BigInt(i), prev: before, time, precedence, group, key,
      size: sealed.length, digest: H(sealed),
    });
    before = entryId(space, header);
    entries.push({ header, id: before, sealed });
  }
  const last = entries.at(-1).header;
  must(isSigned(author, space, last, run.signature), '[7.3] the signature is not that of the last');
  return entries;
}
