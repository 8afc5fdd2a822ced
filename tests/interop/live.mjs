// SPDX-License-Identifier: EUPL-1.2
// Two real nodes found a federation, one joins, both publish; everything they export is verified
// from PROTOCOL.md: request, invitation, keys, rosters, entries with their proofs, fingerprints.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { x25519 } from '@noble/curves/ed25519';
import { armourDecode, armourEncode, wordsOf } from './armour.mjs';
import { decode } from './cbor.mjs';
import { isSigned, publicKey, sign1Decode } from './cose.mjs';
import { LiveNode, freePorts, until } from './federation.mjs';
import { join } from './hash.mjs';
import { entryId, fingerprint, headerDecode } from './header.mjs';
import { invitationDecode, openSealedKey, requestDecode } from './joining.mjs';
import { keyFingerprint, keyfileOpen, keyfilePublic } from './keyfile.mjs';
import { rosterCheckNext, rosterDecode } from './roster.mjs';
import { allMembers, exerciseSpace, keyId } from './seal.mjs';
import { Refused, equal, hex, must } from './shape.mjs';

const PRECEDENCES = ['routine', 'priority', 'immediate', 'flash'];
const LINES = 70; // more than two runs

const build = process.argv[2];
const work = mkdtempSync(`${tmpdir()}/sitrep-interop-`);
const nccn = new LiveNode(build, `${work}/a`);
const kcr2 = new LiveNode(build, `${work}/b`);
const nodes = [nccn, kcr2];

process.on('exit', (code) => {
  nodes.forEach((node) => node.kill());
  if (code === 0) rmSync(work, { recursive: true });
  else console.error(`live: homes and logs are kept in ${work}`);
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

const read = (path) => new Uint8Array(readFileSync(`${work}/${path}`));

async function found() {
  const ports = await freePorts(4);
  const [syncA, liveA, syncB, liveB] = ports.map((port) => `tcp://127.0.0.1:${port}`);
  await nccn.sitrep('found', 'benelux', '--centre', 'be-nccn', '--title', 'Centre de crise',
    '--endpoint', syncA, '--live', liveA, '--no-passphrase');
  const asked = await kcr2.sitrep('join', 'request', '--centre', 'nl-kcr2', '--title', 'KCR²',
    '--endpoint', syncB, '--live', liveB, '--node', 'nl-kcr2-a', '--no-passphrase');
  writeFileSync(`${work}/b.request`, asked.stdout);
  const admitted = await nccn.sitrep('admit', `${work}/b.request`, '--yes');
  writeFileSync(`${work}/b.invitation`, admitted.stdout);
  await kcr2.sitrep('join', `${work}/b.invitation`);
  return { words: [asked.stderr, admitted.stderr], endpoint: [syncB, liveB] };
}

/** [6.1, 6.4, 6.5] What the joining node asked, and the words both sides were shown. */
function verifyRequest({ words, endpoint }) {
  const text = readFileSync(`${work}/b.request`, 'utf8');
  const bytes = armourDecode('REQUEST', text);
  assert.equal(armourEncode('REQUEST', bytes), text);
  const request = requestDecode(bytes);
  const { centre, title, node } = request;
  assert.deepEqual({ centre, title, node, endpoint: request.endpoint },
    { centre: 'nl-kcr2', title: 'KCR²', node: 'nl-kcr2-a', endpoint });
  const { list } = JSON.parse(readFileSync(new URL('../../proto/vectors/words.json',
    import.meta.url)));
  for (const shown of words) assert.ok(shown.includes(wordsOf(bytes, list)), shown);
  return request;
}

/** [6.2, 6.3, 11] The invitation, and the keys of both homes. Returns the group secret. */
function verifyInvitation(request) {
  const text = readFileSync(`${work}/b.invitation`, 'utf8');
  const bytes = armourDecode('INVITATION', text);
  assert.equal(armourEncode('INVITATION', bytes), text);
  const invitation = invitationDecode(bytes);
  const own = keyfileOpen(read('b/keys/node.key'), 'node', '');
  assert.equal(hex(publicKey(own.slice(0, 32))), hex(request.signing));
  assert.equal(hex(x25519.getPublicKey(own.slice(32))), hex(request.transport));
  assert.equal(hex(keyfilePublic(read('b/keys/node.key'))), hex(join(request.signing, request.transport)));
  assert.equal(hex(invitation.recipient), hex(request.signing));
  const authority = keyfileOpen(read('a/keys/authority.key'), 'authority', '');
  assert.equal(hex(invitation.authority), hex(publicKey(authority)));
  assert.equal(hex(keyfilePublic(read('a/keys/authority.key'))), hex(invitation.authority));
  assert.equal(invitation.keys.length, 1);
  const [key] = invitation.keys;
  const secret = openSealedKey(key, own.slice(32));
  for (const home of ['a', 'b']) {
    const kept = keyfileOpen(read(`${home}/keys/groups.key`), 'groups', '');
    assert.equal(hex(kept), hex(join(key.group, secret)));
    assert.equal(hex(keyfilePublic(read(`${home}/keys/groups.key`))), hex(join(key.group, key.key)));
  }
  return secret;
}

/** [5] Both nodes go by version 2, which follows version 1. */
async function verifyRosters() {
  const first = rosterDecode(read('a/roster/1.roster'));
  const second = read('a/roster/2.roster');
  for (const node of nodes) assert.equal(hex(await node.get('/v1/roster')), hex(second));
  const roster = rosterDecode(second);
  rosterCheckNext(first, roster);
  assert.equal(hex(roster.federation), hex(first.hash));
  return roster;
}

/** [11.6] The fingerprints the first node tells, of its own keys and of the other's. */
async function verifyKeys(roster) {
  const { own, others } = await nccn.getJson('/v1/keys');
  const expected = (nodes, kind) => nodes.map((node) => hex(keyFingerprint(node[kind])));
  const told = (keys, kind) => keys.filter((key) => key.kind === kind).map((key) => key.fingerprint);
  for (const kind of ['signing', 'transport']) {
    assert.deepEqual(told(own, kind), expected(roster.nodes.slice(0, 1), kind));
    assert.deepEqual(told(others, kind), expected(roster.nodes.slice(1), kind));
  }
  assert.deepEqual(told(own, 'authority'), roster.authorities.map((key) => hex(keyFingerprint(key))));
}

/** One node publishes a batch alone, so that the other is sent runs; then both publish live. */
async function publish() {
  const texts = Array.from({ length: LINES }, (_, i) => `Wasserstand ${i} · niveau d’eau`);
  texts[5] = 'Deich '.repeat(4000);
  texts[40] = randomBytes(9000).toString('base64');
  const lines = texts.map((text, i) => JSON.stringify({
    kind: 'report', text, precedence: PRECEDENCES[i % 4], fields: { level_cm: i - 3 },
  }));
  writeFileSync(`${work}/lines`, `${lines.join('\n')}\n`);
  nccn.start();
  await until('the first node is ready', async () => (await nccn.getJson('/v1/status')).own.ready);
  await nccn.sitrep('publish', '--lines', `${work}/lines`);
  kcr2.start();
  await until('the second node is ready', async () => (await kcr2.getJson('/v1/status')).own.ready);
  for (const node of [...nodes, ...nodes]) {
    await node.sitrep('publish', 'report', '--precedence', 'flash', 'hello');
  }
  const count = LINES + 4;
  await until('both hold the same', async () => {
    const all = await Promise.all(nodes.map((node) => node.getJson('/v1/status')));
    return all.every(({ entries, peers }) => entries === count && peers[0].converged) ||
      JSON.stringify(all.map(({ entries, peers }) => [entries, peers[0].state]));
  });
  return count;
}

/** [3.6] The headers of an export, each checked to be covered by the author's signature. */
function verifyExport(exported, author, space) {
  const parts = decode(exported);
  const isCose = hex(parts[0]) === 'a10127';
  const { payload, signature } = isCose ? sign1Decode(exported) :
    { payload: parts.at(-2), signature: parts.at(-1) };
  must(isSigned(author, space, payload, signature), 'not signed by its author');
  const headers = isCose ? [payload] : parts.slice(0, -1);
  for (const [i, bytes] of headers.entries()) {
    const header = headerDecode(bytes);
    must(equal(header.author, author), 'another author');
    if (i > 0) must(equal(header.prev, entryId(space, headers[i - 1])), 'the proof has a gap');
  }
  return { headerBytes: headers[0], isCose };
}

function compareShown(shown, header, id) {
  const { epoch, seq, precedence, size, time } = header;
  assert.equal(shown.id, hex(id));
  assert.equal(shown.prev, header.prev && hex(header.prev));
  assert.equal(BigInt(shown.epoch), epoch);
  assert.equal(BigInt(shown.seq), seq);
  assert.equal(shown.precedence, PRECEDENCES[precedence]);
  assert.equal(shown.size, size);
  assert.equal(BigInt(Date.parse(shown.time)), time >> 16n);
  assert.equal(shown.verified, true);
}

/** Every entry a node holds, as `sitrep show REF --cose` exports it: by name. */
async function verifyEntries(node, roster, secret) {
  const space = roster.federation;
  const group = allMembers(space);
  const listed = Buffer.from(await node.get('/v1/entries')).toString().trim().split('\n');
  const entries = new Map();
  for (const { name } of listed.map((line) => JSON.parse(line))) {
    const shown = await node.getJson(`/v1/entries/${name}`);
    const exported = new Uint8Array((await node.sitrep('show', name, '--cose')).stdout);
    const author = roster.nodes.find((other) => name.startsWith(`${other.name}/`));
    const { headerBytes, isCose } = verifyExport(exported, author.signing, space);
    const header = headerDecode(headerBytes);
    const id = entryId(space, headerBytes);
    compareShown(shown, header, id);
    assert.equal(name, `${author.name}/${header.seq}`);
    assert.equal(isCose, shown.signed);
    assert.equal(hex(header.group), hex(group));
    assert.equal(hex(header.key), hex(keyId(secret, group)));
    entries.set(name, { name, ...header, id, exported, isCose, hex: hex(headerBytes) });
  }
  return entries;
}

/** [3.2, 8.4] Each log is one chain, and the node's fingerprint is that of their heads. */
async function verifyChains(node, entries) {
  const heads = new Map();
  for (const entry of [...entries.values()].sort((x, y) => (x.seq < y.seq ? -1 : 1))) {
    const log = hex(entry.author);
    const before = heads.get(log);
    assert.equal(entry.seq, (before?.seq ?? 0n) + 1n, entry.name);
    if (before) assert.equal(hex(entry.prev), hex(before.id), entry.name);
    heads.set(log, entry);
  }
  const roster = rosterDecode(await node.get('/v1/roster'));
  const status = await node.getJson('/v1/status');
  assert.equal(status.fingerprint, hex(fingerprint(roster.federation, [...heads.values()])));
}

/** What was altered, or is meant for an exercise, does not verify. */
function verifyRefusals(entry, space) {
  const flip = (at) => {
    const bytes = entry.exported.slice();
    bytes[at] ^= 1;
    return bytes;
  };
  assert.doesNotThrow(() => verifyExport(entry.exported, entry.author, space));
  for (const at of [20, 60, entry.exported.length - 1]) {
    assert.throws(() => verifyExport(flip(at), entry.author, space), Refused);
  }
  const exercise = exerciseSpace(space, 'spring');
  assert.throws(() => verifyExport(entry.exported, entry.author, exercise), Refused);
}

function say(what) {
  console.log(`  ok    ${what}`);
}

async function main() {
  const joined = await found();
  const request = verifyRequest(joined);
  const secret = verifyInvitation(request);
  say('request, words, invitation, sealed group key, key files');
  const count = await publish();
  const roster = await verifyRosters();
  await verifyKeys(roster);
  say('rosters: version 1, and version 2 at both nodes; fingerprints of their keys');
  const held = [];
  for (const node of nodes) {
    const entries = await verifyEntries(node, roster, secret);
    assert.equal(entries.size, count);
    await verifyChains(node, entries);
    held.push(entries);
    const own = [...entries.values()].filter(({ isCose }) => isCose).length;
    say(`${entries.size} entries: ${own} signed themselves, ${count - own} by a later one; heads`);
  }
  const [here, there] = held;
  for (const [name, entry] of here) assert.equal(there.get(name).hex, entry.hex, name);
  const proven = [...there.values()].filter(({ isCose }) => !isCose);
  assert.ok(proven.length > 0, 'no entry needed a proof: runs were not used');
  verifyRefusals(here.get('be-nccn/1'), roster.federation);
  verifyRefusals(proven[0], roster.federation);
  for (const node of nodes) assert.equal(await node.stop(), 0);
  console.log(`live: ${count} entries at 2 nodes verify`);
}

main().catch((error) => {
  console.error('FAIL  live:', error);
  process.exit(1);
});
