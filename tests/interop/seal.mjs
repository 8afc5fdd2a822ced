// SPDX-License-Identifier: EUPL-1.2
// Sealed bodies [4], by the library @noble/ciphers.
import { readFileSync } from 'node:fs';
import { xchacha20poly1305 } from '@noble/ciphers/chacha';
import { decode } from './cbor.mjs';
import { H, blake, join } from './hash.mjs';
import { Refused, bytes, equal, hex, must, text, textMap } from './shape.mjs';
import { unzstd } from './zstd.mjs';
import { readDictionary, unzstdBlock } from './zstd_block.mjs';

const NONCE = new Uint8Array(24);
const SALT = 16;
const OVERHEAD = 32; // before the ciphertext
const CONTENT_MAX = 2 ** 20;

/** [3.8] */
export function exerciseSpace(federation, name) {
  return blake(256, federation, 'exercise', name);
}

/** [16.3] The secret of all members in an exercise, from one of theirs in the real world. */
export function exerciseSecret(secret, space) {
  return blake(256, secret, 'sitrep/exercise/1', space);
}

/** [4.8] */
export function allMembers(space) {
  return blake(256, space, 'sitrep/group/1', 'all').slice(0, 8);
}

/** [4.8] */
export function keyId(secret, group) {
  return blake(256, secret, 'sitrep/key/1', group).slice(0, 8);
}

/** [4.2] Of the entry that has this author, epoch and seq. */
export function entryKeyOf(secret, salt, { author, epoch, seq }) {
  return blake(256, secret, 'sitrep/entry/1', salt, author, epoch, seq);
}

/** [4.2, 4.3] `entry` has author, epoch, seq, group and key. */
function entryCipher(entryKey, { author, epoch, seq, group, key }) {
  const data = join(author, epoch, seq, group, key);
  return {
    commitment: blake(128, entryKey),
    cipher: xchacha20poly1305(entryKey, NONCE, data),
  };
}

/** [4.1] `plain` begins with its compression byte. */
export function seal(secret, salt, entry, plain) {
  const { commitment, cipher } = entryCipher(entryKeyOf(secret, salt, entry), entry);
  return join(salt, commitment, cipher.encrypt(plain));
}

/** [4.4] The plaintext with its compression byte. */
export function unseal(secret, entry, sealed) {
  bytes(sealed, '[3.4] sealed', 49, 65536);
  must(equal(keyId(secret, entry.group), entry.key), '[4.8] another key');
  return unsealWith(entryKeyOf(secret, sealed.subarray(0, SALT), entry), entry, sealed);
}

/** The same for who has the entry's own key only. */
export function unsealWith(entryKey, entry, sealed) {
  bytes(sealed, '[3.4] sealed', 49, 65536);
  const { commitment, cipher } = entryCipher(entryKey, entry);
  must(equal(sealed.subarray(SALT, OVERHEAD), commitment), '[4.4] commitment');
  try {
    return cipher.decrypt(sealed.subarray(OVERHEAD));
  } catch {
    throw new Refused('[4.3] not authentic');
  }
}

/** [4.9] From the tree, when PROTOCOL.md has its hash. */
function loadDictionary() {
  const file = (name) => readFileSync(new URL(`../../proto/${name}`, import.meta.url), 'utf8');
  const written = file('trust/dictionary.c').match(/0x[0-9a-f]{2}(?=,)/g);
  const dictionary = Uint8Array.from(written, Number);
  must(file('PROTOCOL.md').includes(hex(H(dictionary))), '[4.9] not the dictionary of the protocol');
  return readDictionary(dictionary);
}

const dictionary = loadDictionary();

/** [4.5] */
export function contentOf(plain) {
  const rest = plain.subarray(1);
  must(plain[0] <= 2, `[4.5] compression ${plain[0]}`);
  const content = [() => rest, unzstd, (block) => unzstdBlock(block, dictionary)][plain[0]](rest);
  must(content.length <= CONTENT_MAX, '[4.5] more than 1 MiB');
  return content;
}

/** [4.7] The body as a Map. */
export function bodyDecode(content) {
  const body = textMap(decode(content), '[4.7] body', 1);
  must(/^[a-z0-9-]{1,32}$/.test(text(body.get('kind'), '[4.7] kind')), '[4.7] kind');
  return body;
}
