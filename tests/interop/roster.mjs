// SPDX-License-Identifier: EUPL-1.2
// Rosters [5]: shape, rules, hash, signatures, and whether one may follow another.
import { ed25519, x25519 } from '@noble/curves/ed25519';
import { decode, encode } from './cbor.mjs';
import { USE, isSigned } from './cose.mjs';
import { blake } from './hash.mjs';
import {
  EPOCH_MAX, ID, KEY, SIGNATURE, bytes, equal, hex, list, must, optional, small, text, textMap,
  tuple, uint,
} from './shape.mjs';

const ROSTER_MAX = 2 ** 20;

function unique(values, rule) {
  must(new Set(values).size === values.length, `${rule}: twice`);
}

/** [5.8] */
export function name(value, rule) {
  must(/^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$/.test(text(value, rule)), `${rule}: ${value}`);
  return value;
}

/** [5.8] What people read: 1..255 bytes without control characters. */
export function label(value, rule) {
  const length = Buffer.byteLength(text(value, rule));
  must(length >= 1 && length <= 255 && !/[\x00-\x1f\x7f]/.test(value), rule);
  return value;
}

function titlesDecode(value) {
  for (const [lang, title] of textMap(value, '[5.2] titles', 1, 16)) {
    must(/^[A-Za-z0-9-]{1,35}$/.test(lang), '[5.2] language');
    label(title, '[5.2] title');
  }
  return value;
}

/** [5.9] */
function address(value) {
  const match = /^tcp:\/\/(?:\[([0-9A-Fa-f:.]{1,45})\]|([A-Za-z0-9.-]+)):([1-9][0-9]{0,4})$/
    .exec(text(value, '[5.9] endpoint'));
  must(match && value.length <= 255 && Number(match[3]) <= 65535, `[5.9] ${value}`);
  const [, literal, host] = match;
  must(literal === undefined || literal.includes(':'), `[5.9] ${value}`);
  const isLabel = (part) => /^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$/.test(part);
  must(host === undefined || host.split('.').every(isLabel), `[5.9] ${value}`);
  return value;
}

export function endpoints(value, min, max) {
  return list(value, '[5.3] endpoints', min, max)
    .map((pair) => tuple(pair, '[5.3] endpoint', 2).map(address));
}

/** [5.8] Neither a point of small order nor another way to write one. */
export function signingKey(value) {
  let isSmall = false;
  try {
    isSmall = ed25519.Point.fromHex(bytes(value, '[5.3] signing', KEY), true).isSmallOrder();
  } catch (error) {
    if (!/bad|invalid|point/i.test(error.message)) throw error; // no point: nothing verifies by it
  }
  must(!isSmall, '[5.8] signing key of small order');
  return value;
}

export function transportKey(value) {
  bytes(value, '[5.3] transport', KEY);
  let isSmall = false;
  try {
    x25519.scalarMult(new Uint8Array(KEY).fill(8), value);
  } catch {
    isSmall = true; // the library refuses a shared secret of zeroes
  }
  must(!isSmall, '[5.8] transport key of small order');
  return value;
}

function centreDecode(value) {
  const [code, named, country, level, extensions] = tuple(value, '[5.2]', 5);
  textMap(extensions, '[5.2] extensions');
  return {
    code: name(code, '[5.8] code'),
    titles: titlesDecode(named),
    country: optional(country, (it) => label(it, '[5.2] country')),
    level: optional(level, (it) => label(it, '[5.2] level')),
  };
}

function revokedDecode(value) {
  const [epoch, seq] = tuple(value, '[5.3] revoked', 2);
  return { epoch: uint(epoch, '[5.3] epoch', { max: EPOCH_MAX }), seq: uint(seq, '[5.3] seq') };
}

function nodeDecode(value, centres) {
  const [named, centre, signing, transport, reached, revoked, extensions] =
    tuple(value, '[5.3]', 7);
  textMap(extensions, '[5.3] extensions');
  const next = extensions.get('transport-also');
  return {
    name: name(named, '[5.8] name'),
    centre: small(centre, '[5.3] centre', 0, centres.length - 1),
    signing: signingKey(signing),
    transport: transportKey(transport),
    transportAlso: next === undefined ? null : transportKey(next),
    endpoints: endpoints(reached, 0, 8),
    revoked: optional(revoked, revokedDecode),
  };
}

function authoritiesDecode(value, threshold) {
  const authorities = list(value, '[5.1] authorities', 1, 64);
  for (const key of authorities) bytes(key, '[5.1] authority', KEY);
  unique(authorities.map(hex), '[5.6] authorities');
  must(threshold <= authorities.length && 2 * threshold > authorities.length, '[5.6] threshold');
  return authorities;
}

/** [5.19] Pairs of key and time; whose the keys are is seen later. */
function keyExpiriesDecode(value) {
  const pairs = value === undefined ? [] : list(value, '[5.19] key-expires', 1, 64 + 3 * 4096);
  return pairs.map((pair, i) => {
    const [key, time] = tuple(pair, '[5.19]', 2);
    must(i === 0 || Buffer.compare(pairs[i - 1][0], bytes(key, '[5.19] key', KEY)) < 0,
      '[5.19] ascending');
    return { key: bytes(key, '[5.19] key', KEY), time: uint(time, '[5.19] time', { min: 1n }) };
  });
}

function checkKeyExpiries({ keyExpiries, authorities, nodes }) {
  const keys = new Set([...authorities,
    ...nodes.flatMap((node) => [node.signing, node.transport, node.transportAlso ?? node.signing]),
  ].map(hex));
  must(keyExpiries.every(({ key }) => keys.has(hex(key))), '[5.19] a key that is nobody\'s');
}

function parentsDecode(value) {
  const parents = list(value, '[5.1] parents', 0, 8).map((id) => bytes(id, '[5.1] parent', ID));
  must(parents.every((id, i) => i === 0 || Buffer.compare(parents[i - 1], id) < 0),
    '[5.5] ascending');
  return parents;
}

function documentDecode(document) {
  must(document.length <= ROSTER_MAX, '[5.9] 1 MiB');
  const [version, federation, parents, named, threshold, authorities, centres, nodes, expires,
    extensions] = tuple(decode(document), '[5.1]', 10);
  textMap(extensions, '[5.1] extensions');
  const roster = {
    version: uint(version, '[5.1] version', { min: 1n }),
    federation: optional(federation, (id) => bytes(id, '[5.1] federation', ID)),
    parents: parentsDecode(parents),
    name: label(named, '[5.1] name'),
    threshold: small(threshold, '[5.1] threshold', 1, 64),
    centres: list(centres, '[5.1] centres', 0, 512).map(centreDecode),
    keyExpiries: keyExpiriesDecode(extensions.get('key-expires')),
    expires: optional(expires, (time) => uint(time, '[5.1] expires', { min: 1n })),
  };
  const isFirst = roster.version === 1n;
  must(isFirst === (roster.federation === null), '[5.5] federation');
  must(isFirst === (roster.parents.length === 0), '[5.5] parents');
  roster.authorities = authoritiesDecode(authorities, roster.threshold);
  roster.nodes = list(nodes, '[5.1] nodes', 0, 4096)
    .map((node) => nodeDecode(node, roster.centres));
  unique(roster.centres.map((centre) => centre.code), '[5.8] code');
  unique(roster.nodes.map((node) => node.name), '[5.8] name');
  unique(roster.nodes.map((node) => hex(node.signing)), '[5.8] signing key');
  unique(roster.nodes.flatMap((node) => [node.transport, node.transportAlso])
    .filter((key) => key !== null).map(hex), '[5.12] transport key');
  checkKeyExpiries(roster);
  return roster;
}

/** The pairs of key and signature, genuine or not. */
function signaturesDecode(value, min) {
  const pairs = list(value, '[5.4] signatures', min, 128).map((pair) => tuple(pair, '[5.4]', 2));
  pairs.forEach(([authority, signature], i) => {
    bytes(authority, '[5.4] authority', KEY);
    bytes(signature, '[5.4] signature', SIGNATURE);
    must(i === 0 || Buffer.compare(pairs[i - 1][0], authority) < 0, '[5.4] ascending');
  });
  return pairs;
}

function isGenuine([authority, signature], document) {
  return isSigned(authority, USE.roster, document, signature);
}

export function isAuthority(roster, key) {
  return roster.authorities.some((authority) => equal(authority, key));
}

function countSigners(roster, signers) {
  return signers.filter((key) => isAuthority(roster, key)).length;
}

function signedDecode(encoded, min) {
  const [document, signatures] = tuple(decode(encoded), '[5.4]', 2);
  const roster = documentDecode(bytes(document, '[5.4] roster', 0, Infinity));
  roster.hash = blake(256, 'sitrep/roster/1', document);
  roster.federation ??= roster.hash;
  return { roster, document, pairs: signaturesDecode(signatures, min) };
}

/** [5.4-5.6] A signed roster by itself, with its hash, federation id and signers. */
export function rosterDecode(encoded) {
  const { roster, document, pairs } = signedDecode(encoded, 1);
  must(pairs.every((pair) => isGenuine(pair, document)), '[2.1] roster signature');
  roster.signers = pairs.map(([authority]) => authority);
  const own = countSigners(roster, roster.signers);
  must(own >= roster.threshold, '[5.6] threshold of its own');
  must(roster.version > 1n || own === roster.signers.length, '[5.6] signed by a stranger');
  return roster;
}

function codeOf(roster, node) {
  return roster.centres[node.centre].code;
}

function keepsNode(before, after, i) {
  const [old, kept] = [before.nodes[i], after.nodes[i]];
  return old.name === kept.name && codeOf(before, old) === codeOf(after, kept) &&
    equal(old.signing, kept.signing);
}

/** Those of the rosters that have a centre, or a node, at that index. */
function having(rosters, what, i) {
  return rosters.filter((roster) => i < roster[what].length);
}

/** [5.7] The centre the parents have there; one that is nobody's where they differ. */
function keepsCentre(parents, next, i) {
  const codes = new Set(having(parents, 'centres', i).map(({ centres }) => centres[i].code));
  if (codes.size < 2) return codes.size === 0 || codes.has(next.centres[i].code);
  return next.nodes.every(({ centre }) => centre !== i) &&
    parents.every(({ centres }) => centres.every(({ code }) => code !== next.centres[i].code));
}

function keepsRevocations(parent, next) {
  return parent.nodes.filter(({ revoked }) => revoked !== null).every(({ signing }) => {
    const found = next.nodes.find((node) => equal(node.signing, signing));
    return found === undefined || found.revoked !== null;
  });
}

function keepsLists(parents, next) {
  return parents.every((parent) => parent.centres.length <= next.centres.length &&
      parent.nodes.length <= next.nodes.length && keepsRevocations(parent, next)) &&
    next.centres.every((_, i) => keepsCentre(parents, next, i)) &&
    next.nodes.every((_, i) => {
      const owners = having(parents, 'nodes', i);
      return owners.length === 0 || owners.some((parent) => keepsNode(parent, next, i));
    });
}

/** [5.5, 5.7, 5.10] Whether `next` may follow all of them when enough sign it. */
function checkSuccession(parents, next) {
  const highest = parents.reduce((max, { version }) => (version > max ? version : max), 0n);
  must(next.version === highest + 1n, '[5.10] not the version after');
  must(parents.every(({ federation }) => equal(next.federation, federation)), '[5.5] federation');
  must(next.parents.length === parents.length && parents.every(({ hash }) =>
    next.parents.some((parent) => equal(parent, hash))), '[5.5] parents');
  must(keepsLists(parents, next), '[5.7]');
}

/** [5.5-5.7] Whether `next` may follow them, and nobody else. */
export function rosterCheckFollows(parents, next) {
  checkSuccession(parents, next);
  must(parents.every((parent) => countSigners(parent, next.signers) >= parent.threshold),
    '[5.6] threshold before');
  must(next.signers.every((key) => [...parents, next].some((roster) => isAuthority(roster, key))),
    '[5.6] signed by a stranger');
}

export function rosterCheckNext(current, next) {
  rosterCheckFollows([current], next);
}

function isSameNode(rosters, i) {
  const [first, ...others] = rosters;
  return rosters.every(({ nodes }) => i < nodes.length) && others.every((other) =>
    keepsNode(first, other, i) && first.nodes[i].centre === other.nodes[i].centre);
}

function lowestRevocation(rosters, signing) {
  const points = rosters.flatMap(({ nodes }) => nodes)
    .filter((node) => equal(node.signing, signing) && node.revoked !== null)
    .map(({ revoked }) => revoked)
    .sort((a, b) => Number(a.epoch === b.epoch ? a.seq - b.seq : a.epoch - b.epoch));
  return points[0] ?? null;
}

function standingNode(rosters, base, i) {
  const node = base.nodes[i];
  if (!isSameNode(rosters, i)) return { ...node, revoked: { epoch: 0n, seq: 0n } };
  const keysOf = ({ nodes }) => [nodes[i].transport, nodes[i].transportAlso].filter(Boolean);
  const common = keysOf(base).filter((key) => rosters.every((roster) =>
    keysOf(roster).some((other) => equal(other, key))));
  const endpoints = new Set(rosters.flatMap(({ nodes }) => nodes)
    .filter(({ signing }) => equal(signing, node.signing))
    .flatMap((same) => same.endpoints.map((endpoint) => JSON.stringify(endpoint))));
  const shutOut = common.length === 0 ? { epoch: 2n ** 32n - 1n, seq: 2n ** 53n } : null;
  return {
    ...node,
    transport: common[0] ?? node.transport,
    transportAlso: common[1] ?? null,
    endpoints: [...endpoints].slice(0, 8),
    revoked: lowestRevocation(rosters, node.signing) ?? shutOut,
  };
}

/** [5.18] What stands while all of them are in force. */
export function rosterStanding(rosters) {
  const sorted = [...rosters].sort((a, b) => Buffer.compare(a.hash, b.hash));
  const base = sorted.reduce((best, one) => (one.nodes.length > best.nodes.length ? one : best));
  const common = sorted[0].authorities.filter((key) =>
    sorted.every((roster) => isAuthority(roster, key)));
  const authorities = common.length > 0 ? common : sorted[0].authorities;
  return {
    version: sorted.reduce((max, { version }) => (version > max ? version : max), 0n),
    authorities,
    threshold: Math.min(authorities.length, Math.max(...sorted.map(({ threshold }) => threshold))),
    nodes: base.nodes.map((_, i) => standingNode(sorted, base, i)),
  };
}

/** [5.18] Who signed both of two different versions that may follow `before`. */
export function rosterFork(before, one, other) {
  must(!equal(one.hash, other.hash), '[5.18] the same');
  rosterCheckNext(before, one);
  rosterCheckNext(before, other);
  const isBy = (roster, key) => roster.signers.some((signer) => equal(signer, key));
  return before.authorities.filter((key) => isBy(one, key) && isBy(other, key));
}

/** [5.13, 5.14] A proposal for the version `current`, with the signatures that count. */
export function proposalDecode(encoded, current) {
  const { roster, document, pairs } = signedDecode(encoded, 0);
  checkSuccession([current], roster);
  const counts = (pair) => isGenuine(pair, document) &&
    (isAuthority(current, pair[0]) || isAuthority(roster, pair[0]));
  return { roster, document, pairs: pairs.filter(counts) };
}

/** [5.14] One proposal of several copies. */
export function proposalMerge(copies) {
  const [{ roster, document }] = copies;
  must(copies.every((copy) => equal(copy.document, document)), '[5.14] another proposal');
  const byKey = new Map(copies.flatMap(({ pairs }) => pairs).map((pair) => [hex(pair[0]), pair]));
  const pairs = [...byKey.keys()].sort().map((key) => byKey.get(key));
  return { roster, document, pairs };
}

/** [5.6] How many of each side have signed, and the signed roster if that is enough. */
export function proposalCount({ roster, document, pairs }, current) {
  const signers = pairs.map(([authority]) => authority);
  const before = countSigners(current, signers);
  const own = countSigners(roster, signers);
  const isComplete = before >= current.threshold && own >= roster.threshold;
  return { signers, before, own, signedRoster: isComplete ? encode([document, pairs]) : null };
}
