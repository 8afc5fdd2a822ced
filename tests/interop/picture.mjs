// SPDX-License-Identifier: EUPL-1.2
// What entries of several authors make up [18.5, 18.7 to 18.12], read from the text as it stands:
// each question is asked of all entries anew, and how a version stands of those it replaces.
import assert from 'node:assert/strict';
import { encode } from './cbor.mjs';
import { contentRead, kinds } from './content.mjs';
import { blake } from './hash.mjs';
import { Refused, hex, unhex } from './shape.mjs';

const STANDINGS = ['counts', 'proposed', 'misstep', 'waits'];

// -- references [18.2] --

/** As vectors write one: numbers, and the tag as hex. */
export function refOf([author, epoch, seq, tag]) {
  return [Number(author), Number(epoch), Number(seq), hex(tag)];
}

export function compareRefs(a, b) {
  const at = a.findIndex((part, i) => part !== b[i]);
  if (at < 0) return 0;
  return a[at] < b[at] ? -1 : 1;
}

const byRef = (a, b) => compareRefs(a.ref, b.ref);

function refBytes([author, epoch, seq, tag]) {
  return encode([author, epoch, seq, unhex(tag)]);
}

// -- entries --

/** A body that is not sound, or of a kind that is not known, says nothing [18.1]. */
export function soundly(encoded) {
  try {
    return contentRead(encoded);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { kind: null, state: null, body: new Map() };
  }
}

export function entryOf({ ref, body, arrived }, centres) {
  const said = soundly(unhex(body));
  const get = (name) => said.body.get(name);
  const merge = said.kind === null ? null : kinds.get(said.kind).merge;
  const names = get('item') ? refOf(get('item')) : ref;
  return {
    ref,
    arrived,
    centre: centres[ref[0]] ?? null,
    kind: said.kind,
    state: said.state,
    merge,
    item: merge === 'versions' ? names : null,
    names: (get('supersedes') ?? []).map(refOf),
    basis: [
      ...(get('cites') ?? []),
      ...(get('sections') ?? []).flatMap((section) => section.get('cites') ?? []),
      ...(get('translation_of') ? [get('translation_of')] : []),
    ].map(refOf),
    editors: get('editors') ?? [],
    to: get('to'),
    request: get('request') && refOf(get('request')),
    type: get('type'),
    asOf: get('as_of'),
    body: said.body,
  };
}

/** Entries that are here, and what they make up. */
export class Picture {
  constructor(entries, centres) {
    this.here = new Map(entries.map((entry) => [String(entry.ref), entry]));
    this.entries = [...entries].sort(byRef);
    this.centres = centres;
    this.judged = new Map();
  }

  find(ref) {
    return this.here.get(String(ref));
  }

  centreOf([author]) {
    return this.centres[author] ?? null;
  }

  versionsOf(item) {
    return this.entries.filter((entry) => entry.item && compareRefs(entry.item, item) === 0);
  }

  // -- how versions stand [18.7] --

  replacedBy(version) {
    return version.names.map((ref) => this.find(ref))
      .filter((other) => other?.item && compareRefs(other.item, version.item) === 0)
      .sort(byRef);
  }

  lacks(version) {
    return version.names.some((ref) => !this.find(ref));
  }

  /** { standing, editors: those that hold for it }. */
  judge(version) {
    const key = String(version.ref);
    if (!this.judged.has(key)) this.judged.set(key, this.judgeAnew(version));
    return this.judged.get(key);
  }

  standing(version) {
    return this.judge(version).standing;
  }

  judgeAnew(version) {
    const { editors, to } = version;
    if (version.names.length === 0) return { standing: 'counts', editors, to };
    const began = this.find(version.item);
    const beganThat = began?.item && began.names.length === 0 && began.kind === version.kind;
    if (began && !beganThat) return { standing: 'waits', editors, to };
    const grounds = this.replacedBy(version)
      .filter((other) => other.kind === version.kind && this.standing(other) === 'counts');
    const follows = (other) => this.mayFollow(version, other, grounds);
    if (grounds.length === 0 || !grounds.every(follows)) {
      return { standing: this.judgeOtherwise(version, grounds), editors, to };
    }
    const stranger = grounds.find((other) => !this.isEditor(version.centre, other));
    return { ...(stranger ? this.judge(stranger) : { editors, to }), standing: 'counts' };
  }

  /** Whose step it is from the one to the other; null when there is none. */
  step(from, to) {
    const { steps, side } = kinds.get(to.kind);
    if (from.kind !== to.kind) return null;
    return from.state === to.state ? side : steps.get(`${from.state} > ${to.state}`) ?? null;
  }

  /** The state is that of another ground, which the one did not replace. */
  isSettled(version, from, grounds) {
    return grounds.some((other) => other !== from && other.state === version.state
      && !this.isBehind(from, other));
  }

  isBehind(version, other) {
    return this.replacedBy(version)
      .some((before) => before === other || this.isBehind(before, other));
  }

  mayFollow(version, from, grounds) {
    const side = this.step(from, version);
    if (side !== null && this.isOfSide(side, version.centre, from)) return true;
    return this.isSettled(version, from, grounds)
      && this.isOfSide(kinds.get(version.kind).side, version.centre, from);
  }

  judgeOtherwise(version, grounds) {
    const others = this.replacedBy(version);
    if (others.length === 0) {
      const isOwn = version.centre !== null && version.centre === this.centreOf(version.item);
      return isOwn || kinds.get(version.kind).side === 'members' ? 'counts' : 'waits';
    }
    const hasStep = (other) => this.step(other, version) !== null;
    const canBeProposed = grounds.length > 0
      ? grounds.every((other) => hasStep(other) || this.isSettled(version, other, grounds))
      : others.some((other) => this.standing(other) === 'proposed' && hasStep(other));
    if (canBeProposed) return 'proposed';
    const isWaiting = others.some((other) => this.standing(other) === 'waits');
    return this.lacks(version) || isWaiting ? 'waits' : 'misstep';
  }

  // -- sides [18.8] --

  isEditor(centre, from) {
    return centre !== null
      && (centre === this.centreOf(from.item) || this.judge(from).editors.includes(centre));
  }

  isOfSide(side, centre, from) {
    const { to } = this.judge(from);
    const request = this.find(from.item)?.request;
    const sides = {
      members: () => true,
      editors: () => this.isEditor(centre, from),
      asker: () => centre !== null && request && centre === this.centreOf(request),
      addressed: () => !to || to.includes(centre) || this.isEditor(centre, from),
    };
    return sides[side]();
  }

  // -- what follows [18.9, 18.10, 18.12] --

  isReplaced(version) {
    const isProposed = this.standing(version) === 'proposed' && version.centre !== null;
    return this.versionsOf(version.item)
      .filter((other) => this.replacedBy(other).includes(version))
      .some((other) => this.standing(other) === 'counts'
        || (isProposed && this.standing(other) === 'proposed' && other.centre === version.centre));
  }

  isHead(version) {
    return this.standing(version) === 'counts' && !this.isReplaced(version);
  }

  isOutdated(entry) {
    return entry.basis.map((ref) => this.find(ref))
      .some((other) => other?.item && this.isReplaced(other));
  }

  /** The one does not hold because of the other. */
  isOlder(entry, other) {
    const isOfSame = entry.centre === null
      ? other.centre === null && entry.ref[0] === other.ref[0]
      : entry.centre === other.centre;
    if (!isOfSame || entry.type !== other.type) return false;
    if (entry.asOf !== other.asOf) return entry.asOf < other.asOf;
    const [author, epoch, seq] = entry.ref;
    return author === other.ref[0] && epoch === other.ref[1] && seq < other.ref[2];
  }

  latest() {
    const all = this.entries.filter((entry) => entry.merge === 'latest');
    return all.filter((entry) => !all.some((other) => this.isOlder(entry, other)));
  }

  items() {
    const refs = this.entries.filter((entry) => entry.item).map((entry) => entry.item)
      .sort(compareRefs);
    return refs.filter((ref, i) => i === 0 || compareRefs(ref, refs[i - 1]) !== 0);
  }

  digest() {
    const version = (entry) => [
      refBytes(entry.ref), encode(entry.kind),
      new Uint8Array([STANDINGS.indexOf(this.standing(entry)), this.isReplaced(entry),
        this.lacks(entry)]),
    ];
    const items = this.items()
      .flatMap((item) => [refBytes(item), ...this.versionsOf(item).flatMap(version)]);
    return hex(blake(256, null, ...items, ...this.latest().map(({ ref }) => refBytes(ref))));
  }
}

// -- as vectors have it --

function tellEntry(picture, entry) {
  if (!entry) return null;
  const outdated = picture.isOutdated(entry);
  if (!entry.item) return { standing: null, outdated };
  return {
    standing: picture.standing(entry),
    replaced: picture.isReplaced(entry),
    lacks: picture.lacks(entry),
    outdated,
  };
}

function tellItem(picture, item) {
  const versions = picture.versionsOf(item);
  const heads = versions.filter((version) => picture.isHead(version));
  const gaps = versions
    .some((version) => picture.standing(version) === 'counts' && picture.lacks(version));
  const isOpenProposal = (version) => picture.standing(version) === 'proposed'
    && !picture.isReplaced(version);
  return {
    item,
    heads: heads.map(({ ref }) => ref),
    proposals: versions.filter(isOpenProposal).map(({ ref }) => ref),
    conflicting: heads.length > 1 && !gaps,
    gaps,
  };
}

/** Holds what comes out of a story, in the end and at moments, against what it says. */
export function checkStory({ name, centres, entries, expected }) {
  const read = entries.map((entry) => entryOf(entry, centres));
  for (const { moment, ...view } of expected) {
    const here = read.filter(({ arrived }) => moment === null || arrived <= moment);
    const picture = new Picture(here, centres);
    const found = {
      entries: read.map(({ ref }) => tellEntry(picture, picture.find(ref))),
      items: picture.items().map((item) => tellItem(picture, item)),
      latest: picture.latest().map(({ ref }) => ref),
      digest: picture.digest(),
    };
    assert.deepEqual(found, view, `${name}, at ${moment ?? 'the end'}`);
  }
}
