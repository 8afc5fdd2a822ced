// SPDX-License-Identifier: EUPL-1.2
// Messages of the sync plane [8].
import { decode } from './cbor.mjs';
import { blake } from './hash.mjs';
import { runDecode } from './run.mjs';
import {
  EPOCH_MAX, KEY, SIGNATURE, TAG, UnknownType, bool, bytes, list, must, optional, small, tuple,
  uint,
} from './shape.mjs';

const MESSAGE_MAX = 98304;
const CREDIT_MAX = 2n ** 32n;

const index = (value, rule) => small(value, rule, 0, 4095);
const epochOf = (value, rule) => uint(value, rule, { max: EPOCH_MAX });
const seqOf = (value, rule) => uint(value, rule, { min: 1n });
const credit = (value, rule) => uint(value, rule, { max: CREDIT_MAX });
const tag = (value, rule) => bytes(value, rule, TAG);
const tagOrNull = (value, rule) => optional(value, (id) => tag(id, rule));

/** A flat list as tuples of what `readers` make of it. */
function groups(flat, rule, readers) {
  list(flat, rule);
  must(flat.length % readers.length === 0, `${rule}: cut short`);
  const rows = [];
  for (let at = 0; at < flat.length; at += readers.length) {
    rows.push(readers.map((read, i) => read(flat[at + i], rule)));
  }
  return rows;
}

function compareHeads([indexA, epochA, seqA, idA], [indexB, epochB, seqB, idB]) {
  if (indexA !== indexB) return indexA - indexB;
  if (epochA !== epochB) return epochA < epochB ? -1 : 1;
  if (seqA !== seqB) return seqA < seqB ? -1 : 1;
  return Buffer.compare(idA, idB);
}

function beacon([print, version, rosters, time, echo, held, rate, interval]) {
  bytes(print, '[8.2] fingerprint', 16);
  tag(rosters, '[8.2] roster tag');
  for (const count of [version, time, echo, held]) uint(count, '[8.2]');
  if (rate === undefined) return;
  const passes = small(rate, '[8.2] rate', 0, 0xffffffff);
  const next = small(interval, '[8.2] interval', 1, 600000);
  must(passes === 0 ? next > 1000 : passes >= 1200, '[8.2] says nothing, or is too slow');
}

function heads([reply, first, last, flat]) {
  bool(reply, '[8.3] reply');
  const from = index(first, '[8.3] first');
  const to = index(last, '[8.3] last');
  const rows = groups(flat, '[8.3]', [index, epochOf, seqOf, tag]);
  for (const [i, row] of rows.entries()) {
    must(from > to || (row[0] >= from && row[0] <= to), '[8.3] outside the range');
    must(i === 0 || compareHeads(rows[i - 1], row) < 0, '[8.3] not ascending');
  }
}

function pick(first, held) {
  const [precedence, newest, only, chosen] = tuple(first, '[8.12] pick', 4);
  small(precedence, '[8.12] precedence', 0, 3);
  small(newest, '[8.12] newest', 0, 255);
  bool(only, '[8.12] only');
  const tags = list(chosen, '[8.12] groups', 0).map((group) => tag(group, '[8.12] group'));
  must(tags.length <= 16, '[8.12] groups');
  for (const [i, group] of tags.entries()) {
    must(i === 0 || Buffer.compare(tags[i - 1], group) < 0, '[8.12] groups not ascending');
  }
  const stretches = groups(held, '[8.12] held', [index, epochOf, seqOf, seqOf, tag]);
  must(stretches.length <= 64, '[8.12] held');
  for (const [, , from, to] of stretches) must(from <= to, '[8.12] first..last');
}

function want([restart, granted, ...rest]) {
  bool(restart, '[8.5] restart');
  credit(granted, '[8.5] credit');
  const flat = rest.pop();
  if (rest.length > 0) pick(...rest);
  for (const [, , from, to] of groups(flat, '[8.5]', [index, epochOf, seqOf, seqOf, tagOrNull])) {
    must(from <= to, '[8.5] from..to');
  }
}

function roster([signedRoster]) {
  const [document, signatures] = tuple(signedRoster, '[5.4]', 2);
  bytes(document, '[5.4] roster', 0, Infinity);
  for (const pair of list(signatures, '[5.4] signatures', 1)) {
    const [authority, signature] = tuple(pair, '[5.4]', 2);
    bytes(authority, '[5.4] authority', KEY);
    bytes(signature, '[5.4] signature', SIGNATURE);
  }
}

function rosterWant([wanted]) {
  if (wanted instanceof Uint8Array) bytes(wanted, '[8.8] hash', 32);
  else uint(wanted, '[8.8] version');
}

function rosterIs([hashes]) {
  list(hashes, '[8.8] rosters in force', 1, 8).forEach((hash, i) => {
    bytes(hash, '[8.8] hash', 32);
    must(i === 0 || Buffer.compare(hashes[i - 1], hash) < 0, '[8.8] ascending');
  });
}

function trace([author, epoch, to, tip, at]) {
  index(author, '[8.9] index');
  epochOf(epoch, '[8.9] epoch');
  tag(tip, '[8.9] tip');
  must(seqOf(at, '[8.9] at') <= seqOf(to, '[8.9] to'), '[8.9] at <= to');
}

function keyWant([requester, group, key, hops]) {
  index(requester, '[8.11] requester');
  tag(group, '[8.11] group');
  tag(key, '[8.11] key');
  small(hops, '[8.11] hops', 0, 8);
}

function part([lane, offset, ...rest]) {
  small(lane, '[17.2] lane', 0, 4);
  const from = small(offset, '[17.2] offset', 0, MESSAGE_MAX - 1);
  must(rest.length !== 2, '[17.2] fields');
  const [total, first, some] = rest.length === 3 ? rest : [MESSAGE_MAX, null, rest[0]];
  must(from > 0 || first !== null, '[17.2] begins without a tag');
  if (first !== null) {
    small(total, '[17.2] total', 1, MESSAGE_MAX);
    tag(first, '[17.2] tag');
  }
  bytes(some, '[17.2] bytes', 1, MESSAGE_MAX);
  must(from + some.length <= total, '[17.2] behind the end');
}

function held([flat]) {
  const rows = groups(flat, '[17.6]', [tag, (length, rule) => small(length, rule, 1, MESSAGE_MAX - 1)]);
  must(rows.length >= 1 && rows.length <= 8, '[17.6] one to eight messages');
}

/** [17.2] The tag of what comes in parts. */
export const partTag = (message) => blake(256, 'sitrep/part/1', message).slice(0, 8);

/** [8.11] What a `key` message carries. */
export function keyMessage([requester, group, key, sealed]) {
  return {
    requester: index(requester, '[8.11] requester'),
    group: tag(group, '[8.11] group'),
    key: tag(key, '[8.11] key'),
    sealed: bytes(sealed, '[8.11] sealed', 80),
  };
}

/** [17.9] Each is a message of its own; what is for pacers is not in there. */
function parcel([messages]) {
  list(messages, '[17.9]', 1, 32);
  for (const message of messages) {
    bytes(message, '[17.9] message', 1, MESSAGE_MAX);
    must(!(message[0] >> 5 === 4 && [13, 14, 16].includes(message[1])), '[17.9] for pacers');
  }
}

// By type: the number of fields after it, or all it can be, and their reader.
const types = new Map([
  [1, [[6, 8], beacon]],
  [2, [4, heads]],
  [3, [[3, 5], want]],
  [4, [1, ([granted]) => credit(granted, '[8.6] credit')]],
  [5, [1, ([runs]) => list(runs, '[8.7]', 1).forEach(runDecode)]],
  [6, [1, roster]],
  [7, [1, rosterWant]],
  [8, [5, trace]],
  [9, [6, (fields) => { trace(fields); tagOrNull(fields[5], '[8.9] id'); }]],
  [10, [4, keyWant]],
  [11, [4, keyMessage]],
  [12, [1, rosterIs]],
  [13, [[3, 5], part]],
  [14, [1, held]],
  [16, [1, parcel]],
  [15, [2, ([space, message]) => {
    tag(space, '[8.1] space');
    bytes(message, '[8.1] message', 1, MESSAGE_MAX - 16);
  }]],
]);

/** Refuses what is no message; UnknownType for what a node ignores. */
export function messageCheck(encoded) {
  must(encoded.length <= MESSAGE_MAX, '[8.1] too long');
  const [type, ...fields] = list(decode(encoded), '[8.1]', 1);
  const number = uint(type, '[8.1] type', { min: 1n, max: 2n ** 64n - 1n });
  const [counts, read] = types.get(Number(number)) ?? [];
  if (!read) throw new UnknownType(`[8.1] type ${number}`);
  must([counts].flat().includes(fields.length), `[8] type ${number}: ${fields.length} fields`);
  read(fields);
}
