// SPDX-License-Identifier: EUPL-1.2
// Who holds what since when [18.13 to 18.15], read from the text as it stands: each question is
// asked of all entries anew.
import assert from 'node:assert/strict';
import { kinds } from './content.mjs';
import { Picture, compareRefs, entryOf, refOf, soundly } from './picture.mjs';
import { unhex } from './shape.mjs';

const HEADS = ['item', 'heads', 'complete'];
const NODES = 6;

const same = (a, b) => compareRefs(a, b) === 0;
const isSameLog = (a, b) => a[0] === b[0] && a[1] === b[1];

/** As bodies have a reference: four members, the last of them eight bytes. */
function isRef(value) {
  return Array.isArray(value) && value.length === 4 && value[3] instanceof Uint8Array;
}

/** All references in a value, whatever lies around them. */
function refsIn(value) {
  if (isRef(value)) return [refOf(value)];
  if (value instanceof Map) return [...value.values()].flatMap(refsIn);
  return Array.isArray(value) ? value.flatMap(refsIn) : [];
}

function readEntry({ ref, written, body }) {
  const said = soundly(unhex(body));
  const isKnown = said.kind !== null && kinds.has(said.kind);
  const named = isKnown ? [...said.body].filter(([name]) => !HEADS.includes(name)) : [];
  return {
    ref,
    written,
    isReceipt: said.kind === 'receipt',
    number: said.kind === 'receipt' ? said.body.get('number') : undefined,
    names: named.flatMap(([, value]) => refsIn(value)),
    heads: said.kind === 'receipt' ? refsIn(said.body.get('heads')) : [],
  };
}

class Holdings {
  constructor(entries) {
    this.entries = entries;
  }

  hasTwin(ref) {
    return this.entries.some((other) => isSameLog(other.ref, ref) && other.ref[2] === ref[2]
      && !same(other.ref, ref));
  }

  reaches(head, ref) {
    return same(head, ref) || (this.isBehind(head, ref) && !this.hasTwin(ref));
  }

  isBehind(head, ref) {
    return isSameLog(head, ref) && head[2] > ref[2];
  }

  /** A receipt that names what is behind it tells of it, or of another in its place. */
  mayShow(entry, ref) {
    return entry.heads.some((head) => this.isBehind(head, ref));
  }

  shows(entry, ref) {
    return same(entry.ref, ref) || entry.names.some((named) => same(named, ref))
      || entry.heads.some((head) => this.reaches(head, ref));
  }

  /** Whether a receipt says what was not held: all before it are here. */
  denies(receipt) {
    if (!receipt.isReceipt || receipt.number === undefined) return receipt.isReceipt;
    const numbers = new Set(this.entries.filter(({ ref }) => ref[0] === receipt.ref[0])
      .map(({ number }) => Number(number)));
    return Array.from({ length: Number(receipt.number) }, (_, i) => i + 1)
      .every((number) => numbers.has(number));
  }

  held({ ref, written }, node) {
    const own = this.entries.filter((entry) => entry.ref[0] === node);
    const showing = own.filter((entry) => this.shows(entry, ref))
      .sort((a, b) => a.written - b.written || compareRefs(a.ref, b.ref));
    const by = showing[0];
    const until = by ? by.written : Infinity;
    const first = own.filter((entry) => this.mayShow(entry, ref))
      .reduce((least, entry) => Math.min(least, entry.written), until);
    const before = own.filter((entry) => this.denies(entry) && entry.written < first)
      .map((entry) => entry.written);
    const notBefore = Math.max(0, ...before);
    if (!by) return [null, notBefore, null];
    if (same(by.ref, ref)) return [by.ref, until, until];
    return [by.ref, written <= until ? Math.max(notBefore, written) : notBefore, until];
  }

  knows(entry, centre, moment) {
    return [2 * centre, 2 * centre + 1].some((node) => {
      const [by, , until] = this.held(entry, node);
      return by !== null && until <= moment;
    });
  }
}

/** Holds what comes out of a story against what it says. */
export function checkReceipts({ name, entries, views }) {
  const read = entries.map(readEntry);
  const holdings = new Holdings(read);
  read.forEach((entry, i) => {
    const held = Array.from({ length: NODES }, (_, node) => holdings.held(entry, node));
    assert.deepEqual(held, entries[i].held, `${name}, entry ${i}`);
  });
  const centres = Array.from({ length: 14 }, (_, node) => Math.floor(node / 2));
  for (const { centre, moment, knows, digest } of views) {
    const known = read.map((entry) => holdings.knows(entry, centre, moment));
    assert.equal(known.map((is) => (is ? 'x' : '-')).join(''), knows, `${name}, at ${moment}`);
    const here = entries.filter((_, i) => known[i]).map((entry) => entryOf(entry, centres));
    assert.equal(new Picture(here, centres).digest(), digest, `${name}, at ${moment}`);
  }
}
