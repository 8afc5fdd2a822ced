// SPDX-License-Identifier: EUPL-1.2
// Signatures [2]: COSE_Sign1 over Ed25519, by the library @noble/curves.
import { ed25519 } from '@noble/curves/ed25519';
import { decode, encode } from './cbor.mjs';
import { SIGNATURE, bytes, equal, must, tuple } from './shape.mjs';

const PROTECTED = encode(new Map([[1, -8]]));

export const USE = {
  roster: Buffer.from('sitrep/roster/1'),
  request: Buffer.from('sitrep/request/1'),
  invitation: Buffer.from('sitrep/invitation/1'),
};

function toSign(aad, payload) {
  return encode(['Signature1', PROTECTED, new Uint8Array(aad), payload]);
}

export function sign(seed, aad, payload) {
  return ed25519.sign(toSign(aad, payload), seed);
}

export function publicKey(seed) {
  return ed25519.getPublicKey(seed);
}

/** RFC 8032 to the letter, not the looser ZIP 215. */
export function isSigned(key, aad, payload, signature) {
  try {
    return ed25519.verify(signature, toSign(aad, payload), key, { zip215: false });
  } catch {
    return false; // the library throws on keys and signatures that are no points
  }
}

export function sign1Encode(payload, signature) {
  return encode([PROTECTED, new Map(), payload, signature]);
}

/** [2.2] The payload and the signature, unverified. */
export function sign1Decode(cose) {
  const [head, unprotected, payload, signature] = tuple(decode(cose), '[2.2]', 4);
  bytes(head, '[2.2] protected', 0, Infinity);
  must(equal(head, PROTECTED), '[2.2] another protected header');
  must(unprotected instanceof Map && unprotected.size === 0, '[2.2] unprotected');
  bytes(payload, '[2.2] payload', 0, Infinity);
  bytes(signature, '[2.2] signature', SIGNATURE);
  return { payload, signature };
}

export function sign1Verify(cose, aad, key) {
  const { payload, signature } = sign1Decode(cose);
  must(isSigned(key, aad, payload, signature), '[2.1] not signed by this key for this use');
  return payload;
}
