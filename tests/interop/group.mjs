// SPDX-License-Identifier: EUPL-1.2
// Groups [14], read from PROTOCOL.md with plain sets and no thought for speed.
import { blake } from './hash.mjs';
import { name as nameOf } from './roster.mjs';
import { allMembers, bodyDecode } from './seal.mjs';
import { ID, Refused, TAG, bool, bytes, equal, hex, list, must, small, unhex } from './shape.mjs';

const CHANGES_MAX = 1024;
const CENTRES = 512;
const NODES = 4096;

function ascending(values, compare, rule) {
  must(values.every((value, i) => i === 0 || compare(values[i - 1], value) < 0), `${rule} ascend`);
  return values;
}

const indexes = (value, rule, min, count) => ascending(
  list(value, rule, min, count).map((index) => small(index, rule, 0, count - 1)),
  (a, b) => a - b,
  rule,
);

// The fields of 14.2 behind `op` and `kind`, and their readers.
const fields = {
  key: (value) => bytes(value, '[14.4] key', 32),
  name: (value) => {
    must(value !== 'all', '[14.3] all');
    return nameOf(value, '[14.3] name');
  },
  after: (value) => ascending(
    list(value, '[14.3] after', 0, 16).map((id) => bytes(id, '[14.3] after', ID)),
    Buffer.compare,
    '[14.3] after',
  ),
  group: (value) => bytes(value, '[14.2] group', TAG),
  centre: (value) => small(value, '[14.3] centre', 0, CENTRES - 1),
  owners: (value) => indexes(value, '[14.3] owners', 1, CENTRES),
  centres: (value) => indexes(value, '[14.3] centres', 1, CENTRES),
  history: (value) => bool(value, '[14.2] history'),
  revoked: (value) => indexes(value, '[14.3] revoked', 0, NODES),
};

const later = ['after', 'group', 'centre'];
const shapes = {
  create: [['name', 'owners', 'centres', 'history']],
  add: [later, [...later, 'key', 'revoked']],
  remove: [[...later, 'key', 'revoked']],
  own: [later],
  disown: [later],
  rekey: [['after', 'group', 'key', 'revoked']],
};

/** [14.2, 14.3] */
export function groupDecode(encoded) {
  const body = bodyDecode(encoded);
  must(body.get('kind') === 'group', '[14.2] kind');
  const op = body.get('op');
  must(typeof op === 'string' && Object.hasOwn(shapes, op), '[14.2] op');
  const has = [...body.keys()].filter((field) => field !== 'op' && field !== 'kind');
  must(shapes[op].some((shape) => shape.length === has.length &&
    shape.every((field) => has.includes(field))), `[14.2] the fields of ${op}`);
  const change = { op };
  for (const field of has) change[field] = fields[field](body.get(field));
  if (op === 'create') {
    must(change.owners.every((centre) => change.centres.includes(centre)), '[14.3] owners');
  }
  return change;
}

/** [14.4] */
export function groupId(founding) {
  return blake(256, founding, 'sitrep/group/1').slice(0, 8);
}

/** [14.4] */
export function keyHash(secret, group) {
  return blake(256, secret, 'sitrep/key/1', group);
}

/** One distinct change for each id; its effect where it is none of this group. */
function readChanges(changes, group) {
  const known = new Map();
  for (const { id, author, epoch, seq, hex: encoded } of changes) {
    let read = {};
    try {
      read = groupDecode(unhex(encoded));
      const of = read.op === 'create' ? groupId(unhex(id)) : read.group;
      if (!equal(of, group)) read.effect = 'unrelated';
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      read.effect = 'unreadable';
    }
    known.set(id, { ...read, id, author, epoch, seq });
  }
  return known;
}

/** [14.5] The changes that take part, each with the ids of its past. */
function inOrder(parts, founding) {
  const order = [];
  const waiting = [...parts].sort((a, b) => (a.id < b.id ? -1 : 1));
  const there = new Map(parts.map((change) => [change.id, change]));
  for (const change of parts) {
    change.parents = (change.after ?? []).map(hex).filter((id) => there.has(id));
    if (founding && change !== founding) change.parents.push(founding.id);
  }
  while (waiting.length > 0) {
    const next = waiting.findIndex(({ parents }) => parents.every((id) => there.get(id).past));
    const [change] = waiting.splice(next, 1);
    const pasts = change.parents.map((id) => [id, ...there.get(id).past]);
    change.past = new Set(pasts.flat());
    order.push(change);
  }
  return order;
}

class Evaluation {
  constructor({ space, group, nodes }) {
    this.nodes = nodes;
    this.isAll = equal(allMembers(unhex(space)), unhex(group));
    this.counted = []; // in order
  }

  gives(change, right, centre) {
    if (change.op === 'create') {
      return (right === 'member' ? change.centres : change.owners).includes(centre);
    }
    return change.op === (right === 'member' ? 'add' : 'own') && change.centre === centre;
  }

  takes(change, right, centre) {
    return change.centre === centre &&
      (change.op === 'remove' || (right === 'owner' && change.op === 'disown'));
  }

  isBefore(a, b) {
    return b.past.has(a.id);
  }

  /** [14.7] By one of `view`. */
  isOverruled(change, view) {
    if (change.op === 'remove' || change.op === 'disown') return false;
    return view.some((other) => this.takes(other, 'owner', change.by) &&
        !this.isBefore(other, change) && !this.isBefore(change, other)) ||
      change.grounds.some((ground) => this.isOverruled(ground, view));
  }

  /** [14.8] Of `view`, the first that makes the centre a member or owner, as `view` has it. */
  ground(view, right, centre) {
    return view.find((change) => this.gives(change, right, centre) &&
      !this.isOverruled(change, view) &&
      view.every((other) => !this.takes(other, right, centre) || this.isBefore(other, change)));
  }

  having(view, right) {
    const centres = [...Array(16).keys()]; // no vector names others
    return centres.filter((centre) => this.ground(view, right, centre));
  }

  members(view) {
    return this.having(view, 'member');
  }

  owners(view) {
    const members = this.members(view);
    const owners = this.having(view, 'owner').filter((centre) => members.includes(centre));
    return owners.length > 0 ? owners : members.slice(0, 1);
  }

  isAdmitted({ author, epoch, seq }) {
    const node = this.nodes[author];
    if (!node) return false;
    if (!node.revoked) return true;
    const [lastEpoch, lastSeq] = node.revoked;
    return epoch < lastEpoch || (epoch === lastEpoch && seq <= lastSeq);
  }

  /** [14.6] The changes that take part, the founding first. */
  takingPart(known) {
    const parts = [];
    let founding;
    for (const change of [...known.values()].sort((a, b) => (a.id < b.id ? -1 : 1))) {
      if (change.effect) continue;
      if (!this.isAdmitted(change)) {
        change.effect = 'revoked';
        continue;
      }
      change.by = this.nodes[change.author].centre;
      change.grounds = [];
      const founds = change.op === 'create';
      if (founds && (this.isAll || founding || !change.owners.includes(change.by))) {
        change.effect = 'unrelated';
        continue;
      }
      if (founds) founding = change;
      parts.push(change);
    }
    return inOrder(parts, founding);
  }

  /** [14.6] */
  judge(change) {
    const past = this.counted.filter(({ id }) => change.past.has(id));
    if (this.isAll) {
      if (change.op !== 'rekey') return 'unauthorised';
    } else if (change.op !== 'create') {
      if (!this.owners(past).includes(change.by)) return 'unauthorised';
      change.grounds = ['member', 'owner'].map((right) => this.ground(past, right, change.by))
        .filter((ground) => ground !== undefined);
    }
    return this.counted.length < CHANGES_MAX ? 'counts' : 'too many';
  }

  count(order) {
    for (const change of order) {
      change.effect = this.judge(change);
      if (change.effect === 'counts') this.counted.push(change);
    }
    for (const change of this.counted) {
      if (this.isOverruled(change, this.counted)) change.effect = 'overruled';
    }
  }

  /** [14.9] */
  audience(key) {
    const view = this.counted.filter((change) => change === key || this.isBefore(change, key));
    const centres = this.members(view);
    return centres.filter((centre) => view.some((change) => this.gives(change, 'member', centre) &&
      !this.isOverruled(change, this.counted) &&
      this.counted.every((other) => !this.takes(other, 'member', centre) ||
        this.isBefore(other, change) || this.isBefore(key, other))));
  }

  /** [14.10] */
  isUsable(key, audience, { members, history }) {
    const view = this.counted.filter((change) => change === key || this.isBefore(change, key));
    const knowing = new Set([...this.members(view), key.by]);
    return key.effect === 'counts' &&
      (this.isAll || [...knowing].every((centre) => members.includes(centre))) &&
      (history || members.every((centre) => audience.includes(centre))) &&
      this.nodes.every(({ centre, revoked }, i) => !revoked || key.revoked.includes(i) ||
        !(this.isAll || knowing.has(centre)));
  }
}

function keysOf(evaluation, standing) {
  const keys = [];
  for (const change of evaluation.counted.filter(({ key }) => key)) {
    const id = hex(change.key.subarray(0, TAG));
    if (keys.some(({ key }) => key.startsWith(id))) continue;
    const audience = evaluation.isAll ? [] : evaluation.audience(change);
    const usable = evaluation.isUsable(change, audience, standing);
    keys.push({ key: hex(change.key), change: change.id, audience, usable });
  }
  return keys;
}

function currentOf(evaluation, keys) {
  const usable = keys.filter((key) => key.usable)
    .map(({ change }) => evaluation.counted.find(({ id }) => id === change));
  const latest = usable.filter((change) =>
    !usable.some((other) => evaluation.isBefore(change, other)));
  return latest.map(({ id }) => id).sort()[0] ?? null;
}

/** [14.3] */
function latestOf({ counted, isBefore }) {
  const backwards = counted.filter(({ op }) => op !== 'create').reverse();
  const latest = backwards.filter((change) => !counted.some((other) => isBefore(change, other)))
    .slice(0, 16);
  for (const change of backwards) {
    if (latest.length < 16 && !latest.some(({ author }) => author === change.author)) {
      latest.push(change);
    }
  }
  return latest.map(({ id }) => id).sort();
}

/** How a history of group.json ends. */
export function groupEvaluate(history) {
  const known = readChanges(history.changes, unhex(history.group));
  const evaluation = new Evaluation(history);
  evaluation.count(evaluation.takingPart(known));
  const { counted, isAll } = evaluation;
  const standing = {
    name: isAll ? '' : counted[0].name,
    history: isAll || counted[0].history,
    members: isAll ? [] : evaluation.members(counted),
    owners: isAll ? [] : evaluation.owners(counted),
  };
  const keys = keysOf(evaluation, standing);
  return {
    ...standing,
    effects: history.changes.map(({ id }) => known.get(id).effect),
    keys,
    current: currentOf(evaluation, keys),
    latest: latestOf(evaluation),
  };
}

