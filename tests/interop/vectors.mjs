// SPDX-License-Identifier: EUPL-1.2
// Holds the JSON files of proto/vectors and its folders against this independent reading of
// PROTOCOL.md. Every file needs a checker here; every refused case must be refused by a rule.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { checkers } from './checkers.mjs';
import { Refused, unhex } from './shape.mjs';

function check(file, list, item, act) {
  try {
    act();
    return 0;
  } catch (error) {
    console.error(`FAIL  ${file}, ${list} "${item?.name ?? item?.hex}":`, error);
    return 1;
  }
}

function checkRefused(checker, item, context) {
  try {
    checker.accept(unhex(item.hex), context, item);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (process.env.VERBOSE) console.log(`        ${item.name}: ${error.message}`);
    checker.refused?.(error, item);
    return;
  }
  throw new Error(`it is accepted here, but: ${item.reason}`);
}

function checkFile(file, files) {
  const vectors = files[file];
  const checker = checkers[file];
  if (!vectors || !checker) {
    console.error(`FAIL  ${file}: ${vectors ? 'no checker for this file' : 'it is missing'}`);
    return 1;
  }
  let failed = check(file, 'the whole', null, () => checker.whole?.(vectors));
  const lists = checker.lists ?? ['accepted', 'refused'];
  for (const list of lists) {
    failed += check(file, list, null, () => assert.ok(vectors[list].length > 0));
  }
  for (const item of vectors.accepted ?? []) {
    failed += check(file, 'accepted', item, () => {
      const read = checker.accept(unhex(item.hex), vectors, item);
      checker.verify?.(item, read, vectors, files);
    });
  }
  for (const item of vectors.refused ?? []) {
    failed += check(file, 'refused', item, () => checkRefused(checker, item, vectors));
  }
  const counts = lists.map((list) => `${vectors[list].length} ${list}`);
  console.log(`  ${failed ? 'FAIL' : 'ok  '}  ${file}: ${counts.join(', ')}`);
  return failed;
}

/** The paths of JSON files below a folder, as 'cbor.json' and 'picture/content.json'. */
function jsonFiles(folder, path = '') {
  return readdirSync(`${folder}/${path}`, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return jsonFiles(folder, `${path}${entry.name}/`);
    return entry.name.endsWith('.json') ? [`${path}${entry.name}`] : [];
  });
}

const folder = process.argv[2];
const files = {};
for (const file of jsonFiles(folder)) {
  files[file] = JSON.parse(readFileSync(`${folder}/${file}`, 'utf8'));
}
const names = [...new Set([...Object.keys(files), ...Object.keys(checkers)])].sort();
const failed = names.reduce((sum, file) => sum + checkFile(file, files), 0);
console.log(failed ? `vectors: ${failed} failed` : `vectors: ${names.length} files agree`);
process.exit(failed ? 1 : 0);
