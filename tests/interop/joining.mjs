// SPDX-License-Identifier: EUPL-1.2
// Requests, invitations and the group keys sealed in them [6.1-6.3].
import { hsalsa, xsalsa20poly1305 } from '@noble/ciphers/salsa';
import { x25519 } from '@noble/curves/ed25519';
import { decode } from './cbor.mjs';
import { USE, sign1Decode, sign1Verify } from './cose.mjs';
import { blake, join } from './hash.mjs';
import { isAuthority, endpoints, label, name, rosterDecode, signingKey, transportKey }
  from './roster.mjs';
import { keyId } from './seal.mjs';
import { KEY, Refused, TAG, bytes, equal, list, must, textMap, tuple, uint } from './shape.mjs';

const REQUEST_MAX = 2048;

/** [6.1] */
export function requestDecode(encoded) {
  must(encoded.length <= REQUEST_MAX, '[6.1] length');
  const fields = list(decode(sign1Decode(encoded).payload), '[6.1]', 7, 8);
  const [centre, titles, node, signing, transport, reached, time, expires] = fields;
  const request = {
    centre: name(centre, '[6.1] centre'),
    title: label(textMap(titles, '[6.1] titles', 1, 1).get('und'), '[6.1] title'),
    node: name(node, '[6.1] node'),
    signing: signingKey(signing),
    transport: transportKey(transport),
    endpoint: endpoints(reached, 1, 1)[0],
    time: uint(time, '[6.1] time'),
    expires: fields.length === 8 ? uint(expires, '[6.1] expires') : null,
  };
  must(request.expires !== 0n, '[6.1] expires');
  sign1Verify(encoded, USE.request, request.signing);
  return request;
}

function sealedKey(value) {
  const [group, key, sealed] = tuple(value, '[6.2] key', 3);
  return {
    group: bytes(group, '[6.2] group', TAG),
    key: bytes(key, '[6.2] key', TAG),
    sealed: bytes(sealed, '[6.2] sealed', 80),
  };
}

/** [6.2] */
export function invitationDecode(encoded) {
  const [signedRoster, recipient, authority, keys] =
    tuple(decode(sign1Decode(encoded).payload), '[6.2]', 4);
  const invitation = {
    roster: rosterDecode(bytes(signedRoster, '[6.2] roster', 0, Infinity)),
    recipient: bytes(recipient, '[6.2] recipient', KEY),
    authority: bytes(authority, '[6.2] authority', KEY),
    keys: list(keys, '[6.2] keys', 0, 64).map(sealedKey),
  };
  sign1Verify(encoded, USE.invitation, invitation.authority);
  must(isAuthority(invitation.roster, invitation.authority), '[6.2] no authority of the roster');
  const node = invitation.roster.nodes.find(({ signing }) => equal(signing, invitation.recipient));
  must(node?.revoked === null, '[6.2] the recipient is not admitted');
  return invitation;
}

/** crypto_box of NaCl, for a secret key on one side and a public key on the other. */
function box(secretKey, publicKey, nonce) {
  const words = (array) => new Uint32Array(new Uint8Array(array).buffer);
  const key = new Uint32Array(8);
  const shared = x25519.getSharedSecret(secretKey, publicKey);
  hsalsa(words(Buffer.from('expand 32-byte k')), words(shared), new Uint32Array(4), key);
  return xsalsa20poly1305(new Uint8Array(key.buffer), nonce);
}

/** [6.3] The group secret of one sealed key, opened with the recipient's transport secret. */
export function openSealedKey({ group, key, sealed }, transportSecret) {
  const ephemeral = sealed.subarray(0, KEY);
  const nonce = blake(192, null, join(ephemeral, x25519.getPublicKey(transportSecret)));
  let secret;
  try {
    secret = box(transportSecret, ephemeral, nonce).decrypt(sealed.subarray(KEY));
  } catch {
    throw new Refused('[6.3] not sealed to this key');
  }
  must(equal(keyId(secret, group), key), '[4.8] not the secret of this key');
  return secret;
}
