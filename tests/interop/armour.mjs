// SPDX-License-Identifier: EUPL-1.2
// Armour [6.4] and the words to compare [6.5].
import { H } from './hash.mjs';
import { equal, must } from './shape.mjs';

const BYTES_MAX = 2 * 1024 * 1024;

function base64(string) {
  const bytes = Buffer.from(string, 'base64');
  must(bytes.toString('base64') === string, '[6.4] not base64');
  return new Uint8Array(bytes);
}

export function armourDecode(label, string) {
  const lines = string.split('\n').map((line) => line.replace(/^[ \t\r]+|[ \t\r]+$/g, ''));
  const begin = lines.indexOf(`-----BEGIN SITREP ${label}-----`);
  must(begin >= 0, '[6.4] no armour');
  const end = lines.indexOf(`-----END SITREP ${label}-----`, begin);
  must(end >= 0, '[6.4] no end');
  const inside = lines.slice(begin + 1, end).filter((line) => line !== '');
  const checksum = inside.pop() ?? '';
  must(/^=.{8}$/.test(checksum), '[6.4] no checksum');
  const bytes = base64(inside.join(''));
  must(bytes.length >= 1 && bytes.length <= BYTES_MAX, '[6.4] length');
  must(equal(base64(checksum.slice(1)), H(bytes).slice(0, 6)), '[6.4] checksum');
  return bytes;
}

export function armourEncode(label, bytes) {
  const lines = Buffer.from(bytes).toString('base64').match(/.{1,64}/g);
  const checksum = Buffer.from(H(bytes).slice(0, 6)).toString('base64');
  const frame = (word) => `-----${word} SITREP ${label}-----`;
  return [frame('BEGIN'), ...lines, `=${checksum}`, frame('END'), ''].join('\n');
}

/** [6.5] */
export function wordsOf(request, list) {
  const hash = H('sitrep/words/1', request);
  const bits = [...hash.slice(0, 9)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return bits.match(/.{11}/g).slice(0, 6).map((number) => list[parseInt(number, 2)]).join(' ');
}
