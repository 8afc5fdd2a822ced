// SPDX-License-Identifier: EUPL-1.2
// Readers of single fields. What breaks a rule of the protocol throws Refused; any other exception
// is a mistake of this program, so that a vector never counts as refused by accident.

export class Refused extends Error {}
export class UnknownType extends Refused {} // of a message, which a node ignores [8.1], or kind [18.1]

export const SEQ_MAX = 2n ** 53n; // [1.3]
export const EPOCH_MAX = 2n ** 32n - 1n; // [3.2]
export const CLOCK_MAX = 2n ** 63n - 1n; // [3.3]
export const TAG = 8; // bytes of a group, a key id, the beginning of an id
export const ID = 32;
export const KEY = 32;
export const SIGNATURE = 64;

export function must(claim, rule) {
  if (!claim) throw new Refused(rule);
}

/** A CBOR integer of either sign as a BigInt. */
export function int(value, rule) {
  must(typeof value === 'bigint' || Number.isInteger(value), `${rule}: no integer`);
  return BigInt(value);
}

export function uint(value, rule, { min = 0n, max = SEQ_MAX } = {}) {
  const number = int(value, rule);
  must(number >= min && number <= max, `${rule}: ${number} is not in ${min}..${max}`);
  return number;
}

/** The same as a Number, for what is small. */
export function small(value, rule, min, max) {
  return Number(uint(value, rule, { min: BigInt(min), max: BigInt(max) }));
}

export function bytes(value, rule, min = 0, max = min) {
  must(value instanceof Uint8Array, `${rule}: no byte string`);
  must(value.length >= min && value.length <= max, `${rule}: ${value.length} bytes`);
  return value;
}

export function text(value, rule) {
  must(typeof value === 'string', `${rule}: no text`);
  return value;
}

export function bool(value, rule) {
  must(typeof value === 'boolean', `${rule}: no bool`);
  return value;
}

/** Null, or what `read` makes of it. */
export function optional(value, read) {
  return value === null ? null : read(value);
}

export function list(value, rule, min = 0, max = Infinity) {
  must(Array.isArray(value), `${rule}: no array`);
  must(value.length >= min && value.length <= max, `${rule}: ${value.length} items`);
  return value;
}

/** An array of exactly so many items. */
export function tuple(value, rule, count) {
  return list(value, rule, count, count);
}

/** A map whose keys are all text. */
export function textMap(value, rule, min = 0, max = Infinity) {
  must(value instanceof Map, `${rule}: no map`);
  must(value.size >= min && value.size <= max, `${rule}: ${value.size} pairs`);
  for (const key of value.keys()) text(key, rule);
  return value;
}

export function equal(a, b) {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}

export function startsWith(whole, beginning) {
  return equal(whole.subarray(0, beginning.length), beginning);
}

export function unhex(string) {
  must(typeof string === 'string' && /^([0-9a-f]{2})*$/.test(string), 'not hexadecimal');
  return new Uint8Array(Buffer.from(string, 'hex'));
}

export function hex(array) {
  return Buffer.from(array).toString('hex');
}
