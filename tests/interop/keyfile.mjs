// SPDX-License-Identifier: EUPL-1.2
// Keys at rest [11], by the libraries @noble/hashes (Argon2id) and @noble/ciphers.
import { xchacha20poly1305 } from '@noble/ciphers/chacha';
import { argon2id } from '@noble/hashes/argon2';
import { decode, encode } from './cbor.mjs';
import { H, join } from './hash.mjs';
import { Refused, bytes, must, small, text, tuple } from './shape.mjs';

const SECRET_MAX = 64 * 1024;
const PUBLIC_MAX = 32 * 1024;
const MAC = 16;

function openBox([passes, memory, salt], passphrase, front, nonce, box) {
  const key = argon2id(passphrase, salt, {
    t: small(passes, '[11.2] passes', 1, 10),
    m: Math.floor(small(memory, '[11.2] memory', 8192, 2 ** 30) / 1024),
    p: 1,
    dkLen: 32,
    maxmem: 2 ** 31 - 1,
  });
  try {
    return xchacha20poly1305(key, nonce, front).decrypt(box);
  } catch {
    throw new Refused('[11.2] wrong passphrase, or damaged');
  }
}

/** The public part of a key file [11.4]. */
export function keyfilePublic(encoded) {
  return bytes(tuple(decode(encoded), '[11.1]', 6)[2], '[11.1] public', 1, PUBLIC_MAX);
}

/** The fingerprint of a public key [11.6]. */
export function keyFingerprint(key) {
  return H('sitrep/fingerprint/1', key).slice(0, 16);
}

/** The secret in a key file of that kind. */
export function keyfileOpen(encoded, kind, passphrase) {
  const [magic, named, open, parameters, nonce, box] = tuple(decode(encoded), '[11.1]', 6);
  must(magic === 'sitrep/keys/1', '[11.1] magic');
  must(Buffer.byteLength(text(named, '[11.1] kind')) <= 32 && named === kind, '[11.1] kind');
  bytes(open, '[11.1] public', 1, PUBLIC_MAX);
  bytes(nonce, '[11.1] nonce', 24);
  if (parameters === null) {
    must(nonce.every((byte) => byte === 0), '[11.3] nonce of zeroes');
    return bytes(box, '[11.1] secret', 1, SECRET_MAX);
  }
  bytes(tuple(parameters, '[11.2]', 3)[2], '[11.2] salt', 16);
  bytes(box, '[11.1] box', 1 + MAC, SECRET_MAX + MAC);
  const front = join(...[magic, named, open, parameters].map(encode));
  return openBox(parameters, passphrase, front, nonce, box);
}
