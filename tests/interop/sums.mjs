// SPDX-License-Identifier: EUPL-1.2
// What entries add up to [18.17, 18.18], read from the text as it stands: each report against each
// other, for each number and centre anew.
import assert from 'node:assert/strict';
import { Picture, compareRefs, entryOf, refOf } from './picture.mjs';

const GROUPS = ['responders', 'population'];
const FIELDS = ['dead', 'injured', 'missing', 'trapped', 'evacuated', 'exposed', 'hospitalised'];
const NUMBERS = GROUPS.flatMap((group) => FIELDS.map((field) => `${group}.${field}`));
const MERGES = 64;

const key = (ref) => JSON.stringify(ref);
const least = (list) => Math.min(...list);
const most = (list) => Math.max(...list);
const isSame = (a, b) => compareRefs(a, b) === 0;

// -- incidents --

function headsOf(picture, item) {
  return picture.versionsOf(item).filter((version) => picture.isHead(version));
}

function mergedInto(picture, incident) {
  const heads = headsOf(picture, incident);
  const into = (head) => head.kind === 'incident' && head.state === 'merged'
    && refOf(head.body.get('merged_into'));
  if (heads.length === 0 || !heads.every(into)) return null;
  return heads.every((head) => isSame(into(head), into(heads[0]))) ? into(heads[0]) : null;
}

function incidentOf(picture, head) {
  const named = head.body.has('incident') ? refOf(head.body.get('incident')) : null;
  let incident = named;
  for (let steps = 0; incident; steps++) {
    const next = mergedInto(picture, incident);
    if (!next) break;
    if (steps === MERGES) return named;
    incident = next;
  }
  return incident;
}

// -- who says what --

/** Of two elements of one basis the first. */
function element(head, basis) {
  if (head.state === 'withdrawn') return undefined;
  return (head.body.get('casualties') ?? []).find((one) => one.get('basis') === basis);
}

function counted(head, basis, number) {
  const [group, field] = number.split('.');
  return element(head, basis)?.get(group)?.get(field);
}

const whose = (centre, ref) => (centre === null ? { node: ref[0] } : { centre });

/** Reports that hold: { ref, whose, heads: [{ head, incident }] }. */
function reportsOf(picture) {
  return picture.items().map((ref) => ({
    ref,
    whose: whose(picture.centreOf(ref), ref),
    heads: headsOf(picture, ref).filter(({ kind }) => kind === 'report')
      .map((head) => ({ head, incident: incidentOf(picture, head) })),
  }));
}

/** A report as it tells the number, in that incident and basis; null when it does not. */
function teller(report, incident, basis, number) {
  const telling = report.heads
    .filter((one) => key(one.incident) === key(incident))
    .map(({ head }) => head)
    .filter((head) => counted(head, basis, number) !== undefined);
  if (telling.length === 0) return null;
  const counts = telling.map((head) => counted(head, basis, number));
  const isCertain = telling.length === report.heads.length;
  return {
    report,
    isCertain,
    least: isCertain ? least(counts) : 0,
    most: most(counts),
    log: report.heads.length === 1 ? telling[0].ref : null,
    froms: telling.map((head) => head.body.get('period_from')),
    tos: telling.map((head) => head.body.get('period_to')),
    ends: telling.map((head) => head.body.get('period_to') ?? head.body.get('observed'))
      .filter((end) => end !== undefined).map(Number),
  };
}

/** Both have one head, those are of one log, and the one has the higher seq. */
function isBehind(one, other) {
  return one.log && other.log && one.log[0] === other.log[0] && one.log[1] === other.log[1]
    && one.log[2] > other.log[2];
}

// -- to date --

const endOf = ({ ends }) => (ends.length > 0 ? most(ends) : null);

function passes(one, other) {
  if (one === other || !one.isCertain) return false;
  const [end, otherEnd] = [endOf(one), endOf(other)];
  if (end !== null && otherEnd !== null && end > otherEnd) return true;
  return (otherEnd === null || otherEnd === end) && isBehind(one, other);
}

// -- periods --

function isPlaced({ froms, tos }) {
  return froms.every((from, i) => from !== undefined && tos[i] !== undefined && from < tos[i]);
}

const fromOf = ({ froms }) => least(froms.map(Number));
const toOf = ({ tos }) => most(tos.map(Number));

/** Lists of periods of which one counts each. */
function choose(periods) {
  const taken = [];
  for (const to of [...new Set(periods.map(toOf))].sort((a, b) => b - a)) {
    const together = periods.filter((period) => toOf(period) === to);
    const alternatives = together
      .filter((period) => !together.some((other) => isBehind(other, period)));
    if (taken.flat().every((period) => to <= fromOf(period))) taken.push(alternatives);
  }
  return taken;
}

// -- the sum of one number of one centre --

function addUp(toDate, periods) {
  const fates = new Map();
  const holding = toDate.filter((one) => !toDate.some((other) => passes(other, one)));
  for (const one of toDate) fates.set(one, holding.includes(one) ? 'taken' : 'passed');
  for (const one of periods) fates.set(one, isPlaced(one) ? 'covered' : 'unplaced');
  const placed = periods.filter(isPlaced);
  const ways = holding.map((base) => ({ base, end: endOf(base) }));
  if (!toDate.some(({ isCertain }) => isCertain) && toDate.length + placed.length > 0) {
    ways.push({ base: { least: 0, most: 0 }, end: 0 });
  }
  const sums = ways.map(({ base, end }) => {
    const counting = end === null ? [] : placed.filter((period) => fromOf(period) >= end);
    const taken = choose(counting);
    for (const period of counting) {
      const isTaken = taken.flat().includes(period) || fates.get(period) === 'taken';
      fates.set(period, isTaken ? 'taken' : 'overlaps');
    }
    const sum = (bound, of) => taken
      .reduce((total, set) => total + bound(set.map((period) => period[of])), base[of]);
    return [sum(least, 'least'), sum(most, 'most')];
  });
  const isTold = sums.length > 0;
  return { fates, sum: isTold ? [least(sums.map(([a]) => a)), most(sums.map(([, b]) => b))] : null };
}

// -- as vectors have it --

function byWhose(a, b) {
  return (a.centre ?? Infinity) - (b.centre ?? Infinity) || (a.node ?? 0) - (b.node ?? 0) || 0;
}

/** Of each in order, by what JSON tells them apart. */
function distinct(list, compare) {
  return [...new Map(list.map((one) => [key(one), one])).values()].sort(compare);
}

function addSums(parts) {
  const total = {};
  for (const { sums } of parts) {
    for (const [number, [low, high]] of Object.entries(sums)) {
      const [before, beforeHigh] = total[number] ?? [0, 0];
      total[number] = [before + low, beforeHigh + high];
    }
  }
  return total;
}

function tellCentre(reports, incident, who) {
  const sums = {};
  const fatesOf = new Map();
  const own = reports.filter((report) => key(report.whose) === key(who));
  for (const number of NUMBERS) {
    const tell = (basis) => own.map((report) => teller(report, incident, basis, number))
      .filter((one) => one !== null);
    const [toDate, periods] = [tell('to-date'), tell('period')];
    const { fates, sum } = addUp(toDate, periods);
    if (sum) sums[number] = sum;
    for (const [one, fate] of fates) {
      const basis = toDate.includes(one) ? 'to-date' : 'period';
      fatesOf.set(key([one.report.ref, basis, number]), fate);
    }
  }
  const sources = ['to-date', 'period'].flatMap((basis) => own.flatMap((report) => report.heads
    .filter((one) => key(one.incident) === key(incident) && element(one.head, basis))
    .map(({ head }) => ({
      version: head.ref,
      basis,
      fates: Object.fromEntries(NUMBERS
        .filter((number) => counted(head, basis, number) !== undefined)
        .map((number) => [number, fatesOf.get(key([report.ref, basis, number]))])),
    }))));
  return { ...who, sums, sources };
}

function tellCasualties(picture) {
  const reports = reportsOf(picture);
  const says = ({ head }) => element(head, 'to-date') || element(head, 'period');
  const said = reports.flatMap((report) => report.heads.filter(says)
    .map(({ incident }) => ({ incident, whose: report.whose })));
  const byIncident = (a, b) => {
    if (a === null || b === null) return (a === null) - (b === null);
    return compareRefs(a, b);
  };
  return distinct(said.map(({ incident }) => incident), byIncident).map((incident) => {
    const speaking = said.filter((one) => key(one.incident) === key(incident))
      .map((one) => one.whose);
    const centres = distinct(speaking, byWhose)
      .map((who) => tellCentre(reports, incident, who));
    return { incident, sums: addSums(centres), centres };
  });
}

function tellStock(entries, who) {
  const sums = {};
  for (const number of ['total', 'available', 'committed', 'unavailable']) {
    const said = entries.map(({ body }) => body.get(number)).filter((one) => one !== undefined);
    if (said.length > 0) sums[number] = [least(said.map(Number)), most(said.map(Number))];
  }
  const asOf = least(entries.map((entry) => Number(entry.asOf)));
  return { ...who, sums, as_of: asOf, entries: entries.map(({ ref }) => ref) };
}

function tellResources(picture) {
  const latest = picture.latest();
  const byBytes = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b));
  return distinct(latest.map(({ type }) => type), byBytes).map((type) => {
    const entries = latest.filter((entry) => entry.type === type);
    const whoseIs = (entry) => whose(entry.centre, entry.ref);
    const centres = distinct(entries.map(whoseIs), byWhose)
      .map((who) => tellStock(entries.filter((entry) => key(whoseIs(entry)) === key(who)), who));
    return { type, sums: addSums(centres), as_of: least(centres.map((one) => one.as_of)), centres };
  });
}

/** Holds what a story comes to, in the end and at moments, against what it says. */
export function checkSums({ name, centres, entries, expected }) {
  const read = entries.map((entry) => entryOf(entry, centres));
  for (const { moment, ...sums } of expected) {
    const here = read.filter(({ arrived }) => moment === null || arrived <= moment);
    const picture = new Picture(here, centres);
    const found = { casualties: tellCasualties(picture), resources: tellResources(picture) };
    assert.deepEqual(found, sums, `${name}, at ${moment ?? 'the end'}`);
  }
}
