// SPDX-License-Identifier: EUPL-1.2
// Deterministic CBOR [1.1, 1.2], by the library cborg. What it lets pass is refused here, and what
// it read must encode to the bytes it came from.
import { decode as libraryDecode, encode as libraryEncode, Tokenizer, Type } from 'cborg';
import { Refused, equal, must } from './shape.mjs';

const NEST_MAX = 8;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const options = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowBigInt: true,
  useMaps: true,
  retainStringBytes: true,
};

function decodeText(bytes) {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new Refused('[1.2] text is not UTF-8');
  }
}

class StrictTokenizer extends Tokenizer {
  next() {
    const token = super.next();
    must(!Type.equals(token.type, Type.float), '[1.2] float');
    // The library replaces what is not UTF-8 and drops a byte order mark.
    if (Type.equals(token.type, Type.string) && token.byteValue) {
      token.value = decodeText(token.byteValue);
    }
    return token;
  }
}

/** The keys of maps ascend by their encoding; nothing is nested too deep. */
function check(value, level) {
  const isMap = value instanceof Map;
  if (!isMap && !Array.isArray(value)) return;
  must(level <= NEST_MAX, `[1.2] ${level} levels`);
  for (const item of isMap ? [...value.keys(), ...value.values()] : value) check(item, level + 1);
  if (!isMap) return;
  const keys = [...value.keys()].map(encode);
  must(
    keys.every((key, i) => i === 0 || Buffer.compare(keys[i - 1], key) < 0),
    '[1.1] keys do not ascend',
  );
}

/** A value of numbers, BigInts, Uint8Arrays, strings, booleans, nulls, arrays and Maps. */
export function encode(value) {
  return libraryEncode(value, { mapSorter: null });
}

export function decode(bytes) {
  let value;
  try {
    value = libraryDecode(bytes, { ...options, tokenizer: new StrictTokenizer(bytes, options) });
  } catch (error) {
    if (!(error instanceof Refused) && !/^CBOR decode error/.test(error.message)) throw error;
    throw new Refused(error.message);
  }
  check(value, 1);
  must(equal(encode(value), bytes), '[1.5] its encoding is another');
  return value;
}
