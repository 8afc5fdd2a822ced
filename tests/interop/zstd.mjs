// SPDX-License-Identifier: EUPL-1.2
// One zstd frame (RFC 8878) as a body may hold it [4.5]: it states its size, names no dictionary,
// and nothing follows it. The library fzstd decompresses; it does not look at any of that.
import { Decompress } from 'fzstd';
import { join } from './hash.mjs';
import { Refused, equal, must } from './shape.mjs';

const MAGIC = Buffer.from('28b52ffd', 'hex');
const CONTENT_MAX = 2 ** 20;

function little(bytes, at, length) {
  must(at + length <= bytes.length, '[4.5] frame cut off');
  return bytes.slice(at, at + length).reduce((sum, byte, i) => sum + byte * 256 ** i, 0);
}

/** RFC 8878 3.1.1: the stated size, and where the first block begins. */
function readHead(frame) {
  must(equal(frame.subarray(0, 4), MAGIC), '[4.5] no zstd frame');
  const descriptor = little(frame, 4, 1);
  const isSingle = (descriptor & 0x20) !== 0;
  const length = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6];
  must(length > 0, '[4.5] the frame does not state its size');
  must((descriptor & 0x08) === 0, '[4.5] reserved bit');
  must((descriptor & 0x03) === 0, '[4.5] dictionary');
  const at = isSingle ? 5 : 6;
  const size = little(frame, at, length) + (length === 2 ? 256 : 0);
  must(size <= CONTENT_MAX, '[4.5] more than 1 MiB');
  return { size, start: at + length, hasChecksum: (descriptor & 0x04) !== 0 };
}

/** Walks the blocks: where the frame ends. */
function findEnd(frame, { start, hasChecksum }) {
  let at = start;
  for (let isLast = false; !isLast;) {
    const head = little(frame, at, 3);
    const kind = (head >> 1) & 3;
    must(kind !== 3, '[4.5] reserved block');
    isLast = (head & 1) === 1;
    at += 3 + (kind === 1 ? 1 : head >> 3);
  }
  return at + (hasChecksum ? 4 : 0);
}

export function unzstd(frame) {
  const head = readHead(frame);
  must(findEnd(frame, head) === frame.length, '[4.5] the frame is not all there is');
  // Block by block, for in one go the library takes the stated size for the true one.
  const blocks = [];
  try {
    new Decompress((block) => blocks.push(block.slice())).push(frame, true);
  } catch (error) {
    throw new Refused(`[4.5] ${error.message}`);
  }
  const content = join(...blocks);
  must(content.length === head.size, '[4.5] not the size it states');
  return content;
}
