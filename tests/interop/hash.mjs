// SPDX-License-Identifier: EUPL-1.2
// BLAKE2b as the protocol writes it [1.4], by the library @noble/hashes.
import { blake2b } from '@noble/hashes/blake2';
import { utf8ToBytes } from '@noble/hashes/utils';

function part(value) {
  if (typeof value === 'string') return utf8ToBytes(value);
  if (typeof value !== 'bigint') return value;
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}

/** The concatenation of byte strings, texts and 64-bit integers (BigInt). */
export function join(...parts) {
  return new Uint8Array(Buffer.concat(parts.map(part)));
}

/** BLAKE2b-bits(key; parts...); null for no key. */
export function blake(bits, key, ...parts) {
  const keyed = key === null ? {} : { key: part(key) };
  return blake2b(join(...parts), { dkLen: bits / 8, ...keyed });
}

export function H(...parts) {
  return blake(256, null, ...parts);
}
