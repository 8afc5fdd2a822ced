// SPDX-License-Identifier: EUPL-1.2
// One zstd block with a dictionary (RFC 8878 3.1.1.3, 4 and 5), for compression 2 [4.5, 4.9]. Written
// from the RFC, since the libraries that know dictionaries are the very one the node uses.
import { must } from './shape.mjs';

const BLOCK_MAX = 128 * 1024;
const [LL, OF, ML] = [0, 1, 2];

/** 3.1.1.3.2.2: the tables used when a block brings none, by kind: accuracy, and probabilities. */
const DEFAULTS = [
  [6, [4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1,
    -1, -1, -1, -1]],
  [5, [1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1]],
  [6, [1, 4, 3, 2, 2, 2, 2, 2, 2, ...Array(37).fill(1), -1, -1, -1, -1, -1, -1, -1]],
];
const SYMBOLS_MAX = [35, 31, 52];
const ACCURACY_MAX = [9, 8, 9];

/** 3.1.1.3.2.1.1: extra bits of the codes; each code begins where the one before ends. */
const LL_BITS = [...Array(16).fill(0), 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
const ML_BITS = [...Array(32).fill(0), 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];

function codeBases(bits, first) {
  const bases = [];
  bits.reduce((base, count, code) => {
    bases[code] = base;
    return base + 2 ** count;
  }, first);
  return bases;
}

const LL_BASES = codeBases(LL_BITS, 0);
const ML_BASES = codeBases(ML_BITS, 3);

const log2 = (number) => 31 - Math.clz32(number);

/** 4.1: bits from the last byte to the first. Behind the end there are zeros, until `left` is looked at. */
class BackwardBits {
  constructor(bytes) {
    must(bytes.length > 0 && bytes.at(-1) !== 0, '[4.5] bits without an end');
    this.bytes = bytes;
    this.left = bytes.length * 8 - 8 + log2(bytes.at(-1));
  }

  read(count) {
    let value = 0;
    for (let i = 0; i < count; i++) {
      this.left--;
      const bit = this.left >= 0 ? (this.bytes[this.left >> 3] >> (this.left & 7)) & 1 : 0;
      value = value * 2 + bit;
    }
    return value;
  }
}

/** 4.1.1: the table of `probabilities` for 2^accuracy states. */
function fseTable(accuracy, probabilities) {
  const size = 2 ** accuracy;
  const symbols = new Array(size);
  let high = size;
  probabilities.forEach((probability, symbol) => {
    if (probability === -1) symbols[--high] = symbol;
  });
  let at = 0;
  probabilities.forEach((probability, symbol) => {
    for (let i = 0; i < probability; i++) {
      symbols[at] = symbol;
      do at = (at + (size >> 1) + (size >> 3) + 3) & (size - 1); while (at >= high);
    }
  });
  must(at === 0, '[4.5] probabilities of a table');
  const next = probabilities.map((probability) => Math.abs(probability));
  const states = symbols.map((symbol) => {
    const bits = accuracy - log2(next[symbol]);
    return { symbol, bits, base: (next[symbol]++ << bits) - size };
  });
  return { accuracy, states };
}

/** 4.1.1: a table as it is written. Returns it, and where it ends. */
function fseRead(bytes, start, symbolsMax, accuracyMax) {
  let bit = start * 8;
  const peek = (count) => {
    let value = 0;
    for (let i = 0; i < count; i++) value |= ((bytes[(bit + i) >> 3] >> ((bit + i) & 7)) & 1) << i;
    return value;
  };
  const take = (count) => {
    const value = peek(count);
    bit += count;
    return value;
  };
  const accuracy = take(4) + 5;
  must(accuracy <= accuracyMax, '[4.5] accuracy of a table');
  const probabilities = [];
  for (let left = 2 ** accuracy; left > 0;) {
    const bits = log2(left + 1) + 1;
    const small = 2 ** bits - 1 - (left + 1);
    let value = peek(bits - 1);
    if (value < small) {
      bit += bits - 1;
    } else {
      value = take(bits);
      if (value >= 2 ** (bits - 1)) value -= small;
    }
    probabilities.push(value - 1);
    left -= Math.abs(value - 1);
    for (let more = value === 1 ? 3 : 0; more === 3;) {
      more = take(2);
      probabilities.push(...Array(more).fill(0));
    }
    must(probabilities.length <= symbolsMax + 1 && bit <= bytes.length * 8, '[4.5] a table is too long');
  }
  return { table: fseTable(accuracy, probabilities), end: Math.ceil(bit / 8) };
}

class State {
  constructor(table, bits) {
    this.table = table;
    this.at = bits.read(table.accuracy);
  }

  get symbol() {
    return this.table.states[this.at].symbol;
  }

  advance(bits) {
    const state = this.table.states[this.at];
    this.at = state.base + bits.read(state.bits);
  }
}

/** 4.2.1.2: two states take turns until the bits are used up. */
function compressedWeights(bytes) {
  const { table, end } = fseRead(bytes, 0, 12, 6);
  const bits = new BackwardBits(bytes.subarray(end));
  const states = [new State(table, bits), new State(table, bits)];
  const weights = [];
  for (let turn = 0; ; turn ^= 1) {
    weights.push(states[turn].symbol);
    states[turn].advance(bits);
    must(weights.length < 255, '[4.5] too many weights');
    if (bits.left < 0) {
      weights.push(states[turn ^ 1].symbol);
      return weights;
    }
  }
}

/** 4.2.1: a tree as it is written. Returns it, and where it ends. */
function huffmanRead(bytes, start) {
  const head = bytes[start];
  const isDirect = head >= 128;
  const end = start + 1 + (isDirect ? Math.ceil((head - 127) / 2) : head);
  must(end <= bytes.length, '[4.5] a tree is cut off');
  const body = bytes.subarray(start + 1, end);
  const weights = isDirect
    ? Array.from({ length: head - 127 }, (_, i) => (i % 2 === 0 ? body[i >> 1] >> 4 : body[i >> 1] & 15))
    : compressedWeights(body);
  const sum = weights.reduce((total, weight) => total + (weight > 0 ? 2 ** (weight - 1) : 0), 0);
  must(sum > 0 && sum < 2 ** 11, '[4.5] weights of a tree');
  const depth = log2(sum) + 1;
  const last = log2(2 ** depth - sum) + 1;
  must(2 ** depth - sum === 2 ** (last - 1), '[4.5] weights of a tree');
  weights.push(last);
  const entries = [];
  for (let weight = 1; weight <= depth; weight++) {
    weights.forEach((own, symbol) => {
      if (own !== weight) return;
      for (let i = 0; i < 2 ** (weight - 1); i++) entries.push({ symbol, bits: depth + 1 - weight });
    });
  }
  return { tree: { depth, entries }, end };
}

/** 4.2.2 */
function huffmanDecode(tree, bytes) {
  const bits = new BackwardBits(bytes);
  const out = [];
  let state = bits.read(tree.depth);
  while (bits.left > -tree.depth) {
    const { symbol, bits: count } = tree.entries[state];
    out.push(symbol);
    state = ((state << count) & (2 ** tree.depth - 1)) + bits.read(count);
  }
  must(bits.left === -tree.depth, '[4.5] literals do not end with their bits');
  return out;
}

const little = (bytes, at, length) => {
  must(at + length <= bytes.length, '[4.5] block cut off');
  return bytes.slice(at, at + length).reduce((sum, byte, i) => sum + byte * 256 ** i, 0);
};

/** 3.1.1.3.1.6: four streams behind a table of where they end. */
function fourStreams(tree, bytes) {
  const ends = [0, 2, 4].map((at) => little(bytes, at, 2));
  const out = [];
  let at = 6;
  for (const length of [...ends, bytes.length - 6 - ends[0] - ends[1] - ends[2]]) {
    must(length > 0 && at + length <= bytes.length, '[4.5] streams of literals');
    out.push(...huffmanDecode(tree, bytes.subarray(at, at + length)));
    at += length;
  }
  return out;
}

/** 3.1.1.3.1 */
function literalsRead(block, tables) {
  const [type, format] = [block[0] & 3, (block[0] >> 2) & 3];
  if (type < 2) {
    const headLength = [1, 2, 1, 3][format];
    const size = Math.floor(little(block, 0, headLength) / (headLength === 1 ? 8 : 16));
    must(size <= BLOCK_MAX, '[4.5] too many literals');
    const end = headLength + (type === 0 ? size : 1);
    must(end <= block.length, '[4.5] literals cut off');
    const literals = type === 0 ? block.subarray(headLength, end) : new Uint8Array(size).fill(block[headLength]);
    return { literals, end };
  }
  const headLength = [3, 3, 4, 5][format];
  const bits = [10, 10, 14, 18][format];
  const head = Math.floor(little(block, 0, headLength) / 16);
  const [size, length] = [head % 2 ** bits, Math.floor(head / 2 ** bits)];
  const end = headLength + length;
  must(size <= BLOCK_MAX && end <= block.length, '[4.5] literals cut off');
  const body = block.subarray(headLength, end);
  let start = 0;
  if (type === 2) {
    const read = huffmanRead(body, 0);
    tables.tree = read.tree;
    start = read.end;
  }
  const streams = body.subarray(start);
  const literals = format === 0 ? huffmanDecode(tables.tree, streams) : fourStreams(tables.tree, streams);
  must(literals.length === size, '[4.5] not as many literals as stated');
  return { literals: Uint8Array.from(literals), end };
}

/** 3.1.1.3.2.1: how many sequences there are, and where what follows begins. */
function countRead(block, at) {
  const first = little(block, at, 1);
  if (first < 128) return [first, at + 1];
  if (first < 255) return [(first - 128) * 256 + little(block, at + 1, 1), at + 2];
  return [little(block, at + 1, 2) + 0x7f00, at + 3];
}

function tablesRead(block, start, tables) {
  const modes = little(block, start, 1);
  must((modes & 3) === 0, '[4.5] reserved bits');
  let at = start + 1;
  for (const kind of [LL, OF, ML]) {
    const mode = (modes >> (6 - 2 * kind)) & 3;
    if (mode === 0) {
      tables.fse[kind] = fseTable(...DEFAULTS[kind]);
    } else if (mode === 1) {
      const symbol = little(block, at++, 1);
      must(symbol <= SYMBOLS_MAX[kind], '[4.5] unknown code');
      tables.fse[kind] = { accuracy: 0, states: [{ symbol, bits: 0, base: 0 }] };
    } else if (mode === 2) {
      const read = fseRead(block, at, SYMBOLS_MAX[kind], ACCURACY_MAX[kind]);
      tables.fse[kind] = read.table;
      at = read.end;
    }
  }
  return at;
}

/** 3.1.1.5 */
function offsetOf(value, literalsLength, recent) {
  if (value > 3) {
    recent.pop();
    recent.unshift(value - 3);
    return value - 3;
  }
  const which = value - 1 + (literalsLength === 0 ? 1 : 0);
  const offset = which < 3 ? recent[which] : recent[0] - 1;
  must(offset > 0, '[4.5] offset 0');
  recent.splice(Math.min(which, 2), 1);
  recent.unshift(offset);
  return offset;
}

/** 3.1.1.3.2 and 3.1.1.4: the sequences, carried out behind the dictionary's content. */
function* sequences(block, start, count, tables) {
  const bits = new BackwardBits(block.subarray(tablesRead(block, start, tables)));
  const [ll, of, ml] = tables.fse.map((table) => new State(table, bits));
  for (let i = 0; i < count; i++) {
    const value = 2 ** of.symbol + bits.read(of.symbol);
    const match = ML_BASES[ml.symbol] + bits.read(ML_BITS[ml.symbol]);
    const literals = LL_BASES[ll.symbol] + bits.read(LL_BITS[ll.symbol]);
    yield { literals, match, offset: offsetOf(value, literals, tables.recent) };
    if (i < count - 1) [ll, ml, of].forEach((state) => state.advance(bits));
  }
  must(bits.left === 0, '[4.5] sequences do not end with their bits');
}

/** 5: the tables and the content of a dictionary. */
export function readDictionary(bytes) {
  must(little(bytes, 0, 4) === 0xec30a437, '[4.9] no dictionary');
  const { tree, end } = huffmanRead(bytes, 8);
  const fse = [];
  let at = end;
  for (const kind of [OF, ML, LL]) {
    const read = fseRead(bytes, at, SYMBOLS_MAX[kind], ACCURACY_MAX[kind]);
    fse[kind] = read.table;
    at = read.end;
  }
  const recent = [0, 4, 8].map((more) => little(bytes, at + more, 4));
  return { tree, fse, recent, content: bytes.subarray(at + 12) };
}

export function unzstdBlock(block, dictionary) {
  const tables = { tree: dictionary.tree, fse: [...dictionary.fse], recent: [...dictionary.recent] };
  const { literals, end } = literalsRead(block, tables);
  const [count, start] = countRead(block, end);
  const out = new Uint8Array(dictionary.content.length + BLOCK_MAX);
  let at = dictionary.content.length;
  let used = 0;
  const copy = (length) => {
    must(used + length <= literals.length && at + length <= out.length, '[4.5] more than there is, or than 128 KiB');
    out.set(literals.subarray(used, used + length), at);
    used += length;
    at += length;
  };
  out.set(dictionary.content);
  if (count > 0) {
    for (const sequence of sequences(block, start, count, tables)) {
      copy(sequence.literals);
      must(sequence.offset <= at && at + sequence.match <= out.length, '[4.5] an offset or a match too far');
      for (let i = 0; i < sequence.match; i++, at++) out[at] = out[at - sequence.offset];
    }
  } else {
    must(start === block.length, '[4.5] bytes after the block');
  }
  copy(literals.length - used);
  must(at > dictionary.content.length, '[4.5] a block of nothing');
  return out.slice(dictionary.content.length, at);
}
