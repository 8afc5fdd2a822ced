// SPDX-License-Identifier: EUPL-1.2
// By file of proto/vectors: how its bytes are read (`accept`, which throws Refused), and what else
// an accepted case claims (`verify`) or the file as a whole (`whole`), recomputed from its inputs.
import assert from 'node:assert/strict';
import { armourDecode, armourEncode, wordsOf } from './armour.mjs';
import * as cbor from './cbor.mjs';
import { contentRead, currentUntil } from './content.mjs';
import {
  USE, isSigned, publicKey, sign, sign1Decode, sign1Encode, sign1Verify,
} from './cose.mjs';
import { forkProofOpen } from './fork.mjs';
import { groupDecode, groupEvaluate, groupId, keyHash } from './group.mjs';
import { H, join } from './hash.mjs';
import { entryId, headerDecode, headerEncode } from './header.mjs';
import { invitationDecode, openSealedKey, requestDecode } from './joining.mjs';
import { keyfileOpen } from './keyfile.mjs';
import { keyMessage, messageCheck, partTag } from './messages.mjs';
import { checkStory } from './picture.mjs';
import { checkReceipts } from './receipts.mjs';
import { releaseOpen } from './release.mjs';
import {
  proposalCount, proposalDecode, proposalMerge, rosterCheckFollows, rosterCheckNext, rosterDecode, rosterFork,
  rosterStanding,
} from './roster.mjs';
import { runDecode, runEncode, runRebuild } from './run.mjs';
import {
  allMembers, bodyDecode, contentOf, entryKeyOf, exerciseSecret, exerciseSpace, keyId, seal, unseal,
} from './seal.mjs';
import { Refused, UnknownType, hex, must, unhex } from './shape.mjs';
import { checkSums } from './sums.mjs';

function describeHeader(header) {
  return {
    author: hex(header.author),
    epoch: Number(header.epoch),
    seq: Number(header.seq),
    prev: header.prev && hex(header.prev),
    time: String(header.time),
    precedence: header.precedence,
    group: hex(header.group),
    key: hex(header.key),
    size: header.size,
    digest: hex(header.digest),
  };
}

function verifyFork(item, { space, author, epoch, seq, ids }) {
  assert.equal(hex(space), item.space);
  assert.equal(hex(author), item.author);
  assert.deepEqual([Number(epoch), Number(seq)], [item.epoch, item.seq]);
  assert.deepEqual(ids.map(hex), item.ids);
}

function verifyHeader(item, header) {
  const { name, hex: encoded, seed, space, id, signature, cose, ...fields } = item;
  assert.deepEqual(describeHeader(header), fields, name);
  assert.equal(hex(headerEncode(header)), encoded);
  assert.equal(hex(entryId(unhex(space), unhex(encoded))), id);
  assert.equal(hex(publicKey(unhex(seed))), item.author);
  assert.equal(hex(sign(unhex(seed), unhex(space), unhex(encoded))), signature);
  assert.equal(hex(sign1Encode(unhex(encoded), unhex(signature))), cose);
  assert.equal(hex(sign1Verify(unhex(cose), unhex(space), header.author)), encoded);
}

function verifyCose(item, { payload, signature }) {
  const key = unhex(item['public key']);
  const aad = unhex(item.aad);
  assert.equal(hex(payload), item.payload);
  assert.equal(hex(signature), item.signature);
  assert.equal(hex(publicKey(unhex(item.seed))), item['public key']);
  assert.equal(hex(sign(unhex(item.seed), aad, payload)), item.signature);
  assert.equal(hex(sign1Encode(payload, signature)), item.hex);
  assert.ok(isSigned(key, aad, payload, signature));
  assert.ok(!isSigned(key, join(aad, '?'), payload, signature));
}

/** The entry that a seal vector's context describes. */
function sealedEntry({ context }) {
  return {
    author: unhex(context.author),
    epoch: BigInt(context.epoch),
    seq: BigInt(context.seq),
    group: unhex(context.group),
    key: unhex(context['key id']),
  };
}

function verifySealingContext({ context }) {
  const federation = unhex(context.federation);
  assert.equal(hex(keyId(unhex(context['group secret']), unhex(context.group))), context['key id']);
  assert.equal(hex(allMembers(federation)), context['group of all members']);
  assert.equal(hex(exerciseSpace(federation, context.exercise)), context['space of the exercise']);
  const exercise = unhex(context['space of the exercise']);
  const secret = exerciseSecret(unhex(context['group secret']), exercise);
  assert.equal(hex(secret), context['secret of the exercise']);
  assert.equal(hex(keyId(secret, allMembers(exercise))), context['key id of the exercise']);
}

function openSealed(sealed, file) {
  const plain = unseal(unhex(file.context['group secret']), sealedEntry(file), sealed);
  return { plain, content: contentOf(plain) };
}

function verifySealed(item, { plain, content }, file) {
  const secret = unhex(file.context['group secret']);
  assert.equal(plain[0], item.compression);
  assert.equal(hex(content), item.content);
  assert.equal(hex(H(unhex(item.hex))), item.digest);
  assert.equal(hex(seal(secret, unhex(item.salt), sealedEntry(file), plain)), item.hex);
}

/** [7.3] A run of chain.json; a refused one is taken to follow what it says it follows. */
function openRun(bytes, { context }, item) {
  const run = runDecode(cbor.decode(bytes));
  const prev = item.prev === undefined ? run.prev : item.prev && unhex(item.prev);
  const author = unhex(context.authors[run.author]);
  return { run, entries: runRebuild(run, author, unhex(context.space), prev) };
}

function verifyChain(item, { run, entries }, { context }) {
  assert.equal(hex(cbor.encode(runEncode(run))), item.hex);
  assert.deepEqual(entries.map(({ id }) => hex(id)), item.ids);
  const contents = entries.map(({ header, sealed }) => {
    const plain = unseal(unhex(context['group secret']), headerDecode(header), sealed);
    return contentOf(plain);
  });
  assert.deepEqual(contents.map(hex), item.contents);
  contents.forEach(bodyDecode);
  if (run.prev === null) return;
  const author = unhex(context.authors[run.author]);
  const short = { ...run, prev: run.prev.slice(0, 8) }; // as where the receiver holds it [7.5]
  const again = runRebuild(short, author, unhex(context.space), unhex(item.prev));
  assert.deepEqual(again.map(({ id }) => hex(id)), item.ids);
}

function verifyArmour(item, bytes) {
  assert.equal(Buffer.from(unhex(item.hex)).toString(), item.text);
  assert.equal(hex(bytes), item.bytes);
  if (item.name.startsWith('as written')) assert.equal(armourEncode('REQUEST', bytes), item.text);
}

function verifyWords({ cases, list }) {
  assert.equal(new Set(list).size, 2048);
  assert.equal(new Set(list.map((word) => word.slice(0, 4))).size, 2048);
  assert.deepEqual(list, [...list].sort());
  for (const item of cases) assert.equal(wordsOf(unhex(item.hex), list), item.words);
}

/** [17.2] The tag of the part that is a whole message. */
function verifyMessage(item) {
  if (item.name !== 'whole in one part') return;
  const [, , , , tag, message] = cbor.decode(unhex(item.hex));
  assert.equal(hex(tag), hex(partTag(message)));
}

function refusedAsUnknown(error, item) {
  assert.equal(error instanceof UnknownType, item.reason === 'not found', item.name);
}

/** [18.1, 18.20] */
function verifyContent(item, { kind, state, body }, { written }) {
  assert.deepEqual([kind, state], [item.kind, item.state]);
  assert.equal(currentUntil(body, written), item.current_until);
}

/** [5] What a roster vector says of its roster, and the signatures made again. */
function verifyRoster(item, roster) {
  assert.equal(roster.version, BigInt(item.version));
  assert.equal(hex(roster.federation), item.federation);
  assert.equal(hex(roster.hash), item.hash);
  assert.equal(roster.name, item['federation name']);
  assert.equal(roster.threshold, item.threshold);
  const nodes = roster.nodes.map((node) => ({
    name: node.name,
    centre: roster.centres[node.centre].code,
    signing: hex(node.signing),
    transport: hex(node.transport),
    revoked: node.revoked !== null,
  }));
  assert.deepEqual(nodes, item.nodes);
  assert.deepEqual(roster.keyExpiries.map(({ key, time }) => [hex(key), Number(time)]),
    item['key expiries']);
  const [document, signatures] = cbor.decode(unhex(item.hex));
  const seeds = Array.from({ length: 9 }, (_, n) => new Uint8Array(32).fill(n + 1));
  for (const [authority, signature] of signatures) {
    const seed = seeds.find((bytes) => hex(publicKey(bytes)) === hex(authority));
    assert.equal(hex(sign(seed, USE.roster, document)), hex(signature));
  }
}

function isNext(current, next) {
  try {
    rosterCheckNext(rosterDecode(current), rosterDecode(next));
    return true;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return false;
  }
}

function forkSigners(before, one, other) {
  try {
    return rosterFork(before, rosterDecode(unhex(one)), rosterDecode(unhex(other)));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return null;
  }
}

/** [5.18] */
function verifyForks({ current, accepted, forks }) {
  const before = rosterDecode(unhex(accepted.find(({ name }) => name === current).hex));
  for (const { name, one, other, fork, 'signed both': expected } of forks) {
    const signers = forkSigners(before, one, other);
    assert.equal(signers !== null, fork, name);
    assert.deepEqual((signers ?? []).map(hex), expected, name);
  }
}

/** [5.5-5.7] */
function verifyTransitions({ current, accepted, transitions }) {
  const before = unhex(accepted.find(({ name }) => name === current).hex);
  for (const { name, next, accepted: expected } of transitions) {
    assert.equal(isNext(before, unhex(next)), expected, name);
  }
}

function settles(rivals, next) {
  try {
    rosterCheckFollows(rivals, next);
    return true;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return false;
  }
}

/** [5.7, 5.18] */
function verifySettlements({ settlements }) {
  for (const { name, one, other, standing: expected, next, accepted } of settlements) {
    const rivals = [one, other].map((bytes) => rosterDecode(unhex(bytes)));
    const standing = rosterStanding(rivals);
    assert.equal(Number(standing.version), expected.version, name);
    assert.equal(standing.threshold, expected.threshold, name);
    assert.equal(standing.authorities.length, expected.authorities, name);
    assert.deepEqual(standing.nodes.map((node) => ({
      name: node.name,
      transport: hex(node.transport),
      'transport also': node.transportAlso === null ? '' : hex(node.transportAlso),
      endpoints: node.endpoints.length,
      revoked: node.revoked === null ? null
        : [node.revoked.epoch, node.revoked.seq].map(Number),
    })), expected.nodes, name);
    assert.equal(settles(rivals, rosterDecode(unhex(next))), accepted, name);
  }
}

function openProposal(bytes, { current }) {
  return proposalDecode(bytes, rosterDecode(unhex(current)));
}

/** [5.14] What a proposal, or several copies of one, are said to amount to. */
function verifyProposal(item, proposal, { current }) {
  const before = rosterDecode(unhex(current));
  const count = proposalCount(proposal, before);
  assert.deepEqual(count.signers.map(hex), item['signed by'], item.name);
  assert.equal(count.before, item.before, item.name);
  assert.equal(before.threshold, item['before needed']);
  assert.equal(count.own, item.own, item.name);
  assert.equal(proposal.roster.threshold, item['own needed']);
  assert.equal(count.signedRoster && hex(count.signedRoster), item['signed roster'], item.name);
  if (count.signedRoster) rosterCheckNext(before, rosterDecode(count.signedRoster));
}

function verifyMerges(file) {
  // [5.24]
  assert.deepEqual(cbor.decode(unhex(file.body)),
    new Map([['kind', 'roster-proposal'], ['proposal', unhex(file.accepted[0].hex)]]));
  for (const item of file.merges) {
    const copies = item.copies.map((copy) => openProposal(unhex(copy), file));
    verifyProposal(item, proposalMerge(copies), file);
    verifyProposal(item, proposalMerge(copies.reverse()), file);
  }
}

function verifyRequest(item, request, _, files) {
  assert.equal(request.centre, item.centre);
  assert.equal(request.title, item.title);
  assert.equal(request.node, item.node);
  assert.deepEqual(request.endpoint, [item.sync, item.live]);
  assert.equal(hex(request.signing), item.signing);
  assert.equal(hex(request.transport), item.transport);
  assert.equal(request.time, BigInt(item['time ms']));
  assert.equal(request.expires, 'expires ms' in item ? BigInt(item['expires ms']) : null);
  assert.equal(wordsOf(unhex(item.hex), files['words.json'].list), item.words);
}

function verifyInvitation(item, invitation) {
  assert.equal(hex(invitation.recipient), item.recipient);
  assert.equal(hex(invitation.authority), item.authority);
  const [signedRoster] = cbor.decode(sign1Decode(unhex(item.hex)).payload);
  assert.equal(hex(signedRoster), item['signed roster']);
  const [sealed] = invitation.keys;
  assert.equal(hex(sealed.group), item.group);
  assert.equal(hex(sealed.key), item['key id']);
  assert.equal(hex(sealed.sealed), item.sealed);
  const secret = openSealedKey(sealed, unhex(item['transport secret']));
  assert.equal(hex(secret), item['group secret']);
}

/** [14.2] What a change says, as group.json has it. */
function verifyChange(item, change) {
  const said = Object.entries(change).map(([field, value]) => {
    if (field === 'after') return [field, value.map(hex)];
    return [field, value instanceof Uint8Array ? hex(value) : value];
  });
  assert.deepEqual(Object.fromEntries(said), item.change, item.name);
}

function verifyGroups({ context, histories }) {
  const group = groupId(unhex(context.founding));
  assert.equal(hex(group), context.group);
  assert.equal(hex(keyHash(unhex(context['group secret']), group)), context.key);
  for (const { name, expected, ...history } of histories) {
    assert.deepEqual(groupEvaluate(history), expected, name);
    const turned = { ...history, changes: [...history.changes].reverse() };
    const effects = [...expected.effects].reverse();
    assert.deepEqual(groupEvaluate(turned), { ...expected, effects }, name);
  }
}

/** [8.11] The fields of a question, or of an answer with the secret it brings. */
function openKeyMessage(encoded, { context }) {
  messageCheck(encoded);
  const [type, ...fields] = cbor.decode(encoded);
  const [requester, group, key, hops] = fields;
  if (type === 10) return { requester, group, key, hops };
  const message = keyMessage(fields);
  const secret = openSealedKey(message, unhex(context['transport secret']));
  must(hex(keyHash(secret, message.group)) === context.key, '[14.4] another secret');
  return { ...message, secret };
}

function verifyKeyMessage(item, { requester, group, key, hops, secret }, { context }) {
  assert.equal(requester, item.requester);
  assert.equal(hops, item.hops);
  assert.equal(hex(group), context.group);
  assert.ok(context.key.startsWith(hex(key)));
  if (secret) assert.equal(hex(secret), context['group secret']);
}

/** [15.1] A release says what the entry is, and has the key that follows from its group's. */
function verifyRelease(item, release, { context }) {
  const { id, author, epoch, seq, key, header, sealed, content } = release;
  assert.deepEqual([hex(id), author, Number(epoch), Number(seq), hex(key), hex(content)],
    [item.id, item.author, item.epoch, item.seq, item.key, item.content]);
  const secret = unhex(context['group secret']);
  assert.equal(hex(entryKeyOf(secret, sealed.subarray(0, 16), header)), item.key);
}

const utf8 = (bytes) => Buffer.from(bytes).toString();

export const checkers = {
  'armour.json': {
    accept: (bytes) => armourDecode('REQUEST', utf8(bytes)),
    verify: verifyArmour,
  },
  'body.json': {
    accept: bodyDecode,
    verify: (item, body) => assert.equal(body.get('kind'), item.kind),
  },
  'cbor.json': { accept: cbor.decode },
  'chain.json': { accept: openRun, verify: verifyChain },
  'cose.json': { accept: sign1Decode, verify: verifyCose },
  'fork.json': { accept: forkProofOpen, verify: verifyFork },
  'group.json': {
    lists: ['accepted', 'refused', 'histories'],
    accept: groupDecode,
    verify: verifyChange,
    whole: verifyGroups,
  },
  'header.json': { accept: headerDecode, verify: verifyHeader },
  'invitation.json': { accept: invitationDecode, verify: verifyInvitation },
  'key.json': { accept: openKeyMessage, verify: verifyKeyMessage },
  'keyfile.json': {
    accept: (bytes, file) => keyfileOpen(bytes, file.kind, file.passphrase),
    verify: (item, secret) => assert.equal(hex(secret), item.secret),
  },
  'message.json': { accept: messageCheck, verify: verifyMessage, refused: refusedAsUnknown },
  'picture/content.json': {
    accept: contentRead,
    verify: verifyContent,
    refused: refusedAsUnknown,
  },
  'picture/receipts.json': {
    lists: ['stories'],
    whole: ({ stories }) => stories.forEach(checkReceipts),
  },
  'picture/stories.json': {
    lists: ['stories'],
    whole: ({ stories }) => stories.forEach(checkStory),
  },
  'picture/sums.json': {
    lists: ['stories'],
    whole: ({ stories }) => stories.forEach(checkSums),
  },
  'proposal.json': {
    lists: ['accepted', 'refused', 'merges'],
    accept: openProposal,
    verify: verifyProposal,
    whole: verifyMerges,
  },
  'release.json': {
    accept: (bytes, { context }) => releaseOpen(bytes, context),
    verify: verifyRelease,
  },
  'request.json': { accept: requestDecode, verify: verifyRequest },
  'roster.json': {
    lists: ['accepted', 'refused', 'transitions', 'forks', 'settlements'],
    accept: rosterDecode,
    verify: verifyRoster,
    whole: (file) => {
      verifyTransitions(file);
      verifyForks(file);
      verifySettlements(file);
    },
  },
  'run.json': {
    accept: (bytes) => runDecode(cbor.decode(bytes)),
    verify: (item, run) => assert.equal(hex(cbor.encode(runEncode(run))), item.hex),
  },
  'seal.json': { accept: openSealed, verify: verifySealed, whole: verifySealingContext },
  'words.json': { lists: ['cases', 'list'], whole: verifyWords },
};
