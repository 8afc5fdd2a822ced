// SPDX-License-Identifier: EUPL-1.2
// Releases [15].
import { sign1Verify } from './cose.mjs';
import { H } from './hash.mjs';
import { entryId, headerDecode } from './header.mjs';
import { bodyDecode, contentOf, unsealWith } from './seal.mjs';
import { EPOCH_MAX, ID, bytes, equal, hex, must, small, uint, unhex } from './shape.mjs';

/** [15.1] */
export function releaseDecode(encoded) {
  const body = bodyDecode(encoded);
  must(body.get('kind') === 'release', '[15.1] kind');
  must([...body.keys()].join() === 'id,key,seq,kind,epoch,author', '[15.1] fields');
  return {
    id: bytes(body.get('id'), '[15.1] id', ID),
    key: bytes(body.get('key'), '[15.1] key', 32),
    seq: uint(body.get('seq'), '[15.1] seq', { min: 1n }),
    epoch: uint(body.get('epoch'), '[15.1] epoch', { max: EPOCH_MAX }),
    author: small(body.get('author'), '[15.1] author', 0, 4095),
  };
}

/** [15.2] The content of the entry it names, which is one of `entries`. */
export function releaseOpen(encoded, { space, nodes, entries }) {
  const release = releaseDecode(encoded);
  const entry = entries.find(({ id }) => id === hex(release.id));
  must(entry, '[15.2] no such entry');
  must(release.author < nodes.length, '[15.2] no such author');
  const author = unhex(nodes[release.author]);
  const headerBytes = sign1Verify(unhex(entry.cose), unhex(space), author);
  must(equal(entryId(unhex(space), headerBytes), release.id), '[3.5] id');
  const header = headerDecode(headerBytes);
  must(equal(header.author, author), '[15.2] author');
  must(header.epoch === release.epoch && header.seq === release.seq, '[15.2] epoch and seq');
  const sealed = unhex(entry.sealed);
  must(sealed.length === header.size && equal(H(sealed), header.digest), '[3.4] digest');
  return { ...release, header, sealed, content: contentOf(unsealWith(release.key, header, sealed)) };
}
