// SPDX-License-Identifier: EUPL-1.2
// What bodies say [18]: the table of kinds as PROTOCOL.md has it, and bodies held against it.
import { readFileSync } from 'node:fs';
import { bodyDecode } from './seal.mjs';
import {
  EPOCH_MAX, SEQ_MAX, TAG, UnknownType, bool, bytes, int, list, must, small, text, textMap, tuple,
  uint,
} from './shape.mjs';

const CENTRES = 512;
const NODES = 4096;

// -- the table [18.6] --

/** The kinds of the table by name; '*' has the fields of all. */
function readTable() {
  const protocol = readFileSync(new URL('../../proto/PROTOCOL.md', import.meta.url), 'utf8');
  const [, table] = /^<!-- kinds -->$([^]*)^<!-- \/kinds -->$/m.exec(protocol);
  const kinds = new Map([['*', { fields: new Map() }]]);
  for (const line of table.split('\n').filter((row) => row.startsWith('| `'))) {
    const [kind, path, type, needed] = line.split('|').slice(1).map((cell) => cell.trim());
    const name = kind.slice(1, -1);
    if (path === '') {
      kinds.set(name, { ...readLife(type), fields: new Map() });
    } else {
      addField(kinds.get(name).fields, path.slice(1, -1).split('.'), type, needed);
    }
  }
  return kinds;
}

/** 'versions; >open, closed.; open > closed (members); else (members); old after 24 h' */
function readLife(cell) {
  const [merge, ...parts] = cell.split('; ');
  const begin = [];
  const states = [];
  const steps = new Map();
  const over = [];
  let side = null; // of changes that keep the state
  let hours = null; // until it is old
  let until = null;
  for (const part of parts.flatMap((list) => list.split(', '))) {
    const [, after] = /^old after (\d+) h$/.exec(part) ?? [];
    const [, field] = /^holds until `(\w+)`$/.exec(part) ?? [];
    if (after || field) {
      hours = after ? Number(after) : hours;
      until = field ?? until;
      continue;
    }
    const [, step, by] = /^(.+) \((\w+)\)$/.exec(part) ?? [];
    const name = part.replace(/^>|\.$/g, '');
    if (part.startsWith('>')) begin.push(name);
    if (part.endsWith('.')) over.push(name);
    if (!step) states.push(name);
    else if (step === 'else') side = by;
    else steps.set(step, by);
  }
  return { merge, states, begin, over, steps, side, hours, until };
}

function addField(fields, [name, ...below], type, needed) {
  if (below.length > 0) {
    addField(fields.get(name).parts, below, type, needed);
    return;
  }
  const parts = new Map();
  fields.set(name, {
    parts,
    read: reader(type, parts),
    always: needed === 'always',
    states: needed === '' || needed === 'always' ? [] : needed.split(', '),
  });
}

// -- types [18.3] --

function sized(value, most, least = 1) {
  const length = Buffer.byteLength(text(value, '[18.3] text'));
  must(length >= least && length <= most, `[18.3] text of ${length}`);
  return value;
}

function line(value, most) {
  must(!/[\u0000-\u001f\u007f]/.test(sized(value, most)), '[18.3] line');
}

function plainText(value, most) {
  must(!sized(value, most).includes('\0'), '[18.3] text');
}

function language(value) {
  must(/^[A-Za-z0-9-]{1,35}$/.test(text(value, '[18.3] language')), '[18.3] language');
}

function code(value, most) {
  must(/^[A-Za-z0-9._:+/-]+$/.test(sized(value, most)), '[18.3] code');
}

function decimal(value) {
  const [mantissa, exponent] = tuple(value, '[18.3] decimal', 2)
    .map((number) => int(number, '[18.3] decimal'));
  must(mantissa >= -SEQ_MAX && mantissa <= SEQ_MAX, '[18.3] mantissa');
  must(exponent >= -12n && exponent <= 12n, '[18.3] exponent');
  must(mantissa % 10n !== 0n || (mantissa === 0n && exponent === 0n), '[18.3] written otherwise');
}

function texts(value, most) {
  const map = textMap(value, '[18.3] texts', 1, 16);
  map.forEach((said, name) => {
    language(name);
    plainText(said, most);
  });
}

/** [18.2] What it is ordered by. */
function ref(value) {
  const [author, epoch, seq, tag] = tuple(value, '[18.2] ref', 4);
  return [
    small(author, '[18.2] author', 0, NODES - 1),
    uint(epoch, '[18.2] epoch', { max: EPOCH_MAX }),
    uint(seq, '[18.2] seq', { min: 1n }),
    BigInt(`0x${Buffer.from(bytes(tag, '[18.2] tag', TAG)).toString('hex')}`),
  ];
}

const simple = {
  flag: (value) => bool(value, '[18.3] flag'),
  time: (value) => uint(value, '[18.3] time'),
  centre: (value) => [small(value, '[18.3] centre', 0, CENTRES - 1)],
  language, decimal, ref, geometry,
};

const bounded = {
  line, text: plainText, code, texts,
  bytes: (value, most) => bytes(value, '[18.3] bytes', 0, most),
};

/** What reads one value of a type, as '[16] code 64' or 'word RED / GREEN'. */
function reader(type, parts) {
  const [, kind, rest] = /^(\S+) ?(.*)$/.exec(type);
  if (kind === 'set') {
    const [, most, item] = /^([0-9]+) (.*)$/.exec(rest);
    return (value) => set(array(value, Number(most), reader(item, parts)));
  }
  if (kind.startsWith('[')) {
    return (value) => array(value, Number(kind.slice(1, -1)), reader(rest, parts));
  }
  if (kind === '{') return (value) => fieldsRead(textMap(value, '[18.3] parts'), parts);
  if (kind === 'word') {
    const words = rest.split(' / ');
    return (value) => must(words.includes(text(value, '[18.3] word')), '[18.3] word');
  }
  if (kind === 'count') {
    const [least, most] = rest.split('..').map(Number);
    return (value) => small(value, '[18.3] count', least, most);
  }
  if (Object.hasOwn(bounded, kind)) return (value) => bounded[kind](value, Number(rest));
  if (!Object.hasOwn(simple, kind)) throw new Error(`no type: ${type}`);
  return simple[kind];
}

function array(value, most, read) {
  return list(value, '[18.3] array', 1, most).map(read);
}

/** What items are ordered by is a list of numbers. */
function isBelow(a, b) {
  const at = a.findIndex((number, i) => number !== b[i]);
  return at >= 0 && a[at] < b[at];
}

function set(items) {
  must(items.every((item, i) => i === 0 || isBelow(items[i - 1], item)), '[18.3] set');
}

// -- geometry [18.4] --

function position(value) {
  const [longitude, latitude] = tuple(value, '[18.4] position', 2)
    .map((degrees) => int(degrees, '[18.4] position'));
  must(longitude >= -1800000000n && longitude <= 1800000000n, '[18.4] longitude');
  must(latitude >= -900000000n && latitude <= 900000000n, '[18.4] latitude');
  return [[longitude, latitude]];
}

function listOf(read, least = 1) {
  return (value) => list(value, '[18.4] coordinates', least).flatMap(read);
}

function ring(value) {
  const positions = listOf(position, 4)(value);
  const [first, last] = [positions[0], positions[positions.length - 1]];
  must(first[0] === last[0] && first[1] === last[1], '[18.4] open ring');
  return positions;
}

// What reads the coordinates of each type, and gives all positions.
const shapes = {
  Point: position,
  MultiPoint: listOf(position),
  LineString: listOf(position, 2),
  MultiLineString: listOf(listOf(position, 2)),
  Polygon: listOf(ring),
  MultiPolygon: listOf(listOf(ring)),
};

function geometry(value) {
  const map = textMap(value, '[18.4] geometry', 2, 2);
  const type = text(map.get('type'), '[18.4] type');
  must(Object.hasOwn(shapes, type), `[18.4] ${type}`);
  must(shapes[type](map.get('coordinates')).length <= 4096, '[18.4] positions');
}

// -- bodies --

/** Each field of the table that is there keeps its type; those always needed are there. */
function fieldsRead(map, fields) {
  for (const [name, { read, always }] of fields) {
    if (map.has(name)) read(map.get(name));
    must(map.has(name) || !always, `[18.1] ${name} is needed`);
  }
}

function neededIn(state, body, fields) {
  for (const [name, { states }] of fields) {
    must(body.has(name) || !states.includes(state), `[18.1] ${name} is needed when ${state}`);
  }
}

/** [18.5] The state, or null. */
function stateOf(body, { states }) {
  if (!body.has('state')) return states[0] ?? null;
  must(states.includes(body.get('state')), '[18.5] state');
  return body.get('state');
}

/** [18.5] */
function checkChange(body, { merge, begin }, state) {
  if (merge !== 'versions') {
    for (const name of ['item', 'supersedes', 'editors']) {
      must(!body.has(name), `[18.5] ${name} of what is never changed`);
    }
    return;
  }
  must(body.has('item') === body.has('supersedes'), '[18.5] item and supersedes');
  must(body.has('item') || state === null || begin.includes(state), `[18.5] begun as ${state}`);
}

/** The table [18.6]. */
export const kinds = readTable();

/** [18.20] Until when it is current; null: it does not get old. */
export function currentUntil(body, written) {
  const { over, hours, until, fields } = kinds.get(body.get('kind'));
  const state = stateOf(body, kinds.get(body.get('kind')));
  const ends = ['valid_to', until].filter((name) => body.has(name)).map((name) => body.get(name));
  if (over.includes(state)) return null;
  if (ends.length > 0) return Number(ends.reduce((a, b) => (a < b ? a : b)));
  if (hours === null) return null;
  const wasSo = [...fields.has('as_of') ? ['as_of'] : [], 'observed'].find((name) => body.has(name));
  const from = wasSo ? Math.min(Number(body.get(wasSo)), written) : written;
  return from + hours * 3600_000;
}

/** [18.1] A sound body's kind and state. */
export function contentRead(encoded) {
  const body = bodyDecode(encoded);
  const name = body.get('kind');
  const kind = kinds.get(name);
  if (!kind || kind.merge === 'elsewhere') throw new UnknownType(`[18.1] ${name}`);
  for (const { fields } of [kinds.get('*'), kind]) fieldsRead(body, fields);
  const state = stateOf(body, kind);
  checkChange(body, kind, state);
  neededIn(state, body, kind.fields);
  return { kind: name, state, body };
}
