// Opaque ids: a prefix that names the kind of object, and a UUIDv7. A UUIDv7 starts with the time,
// so new rows land at the right edge of a B-tree index instead of on random pages.
import { randomFillSync } from 'node:crypto';

/** Crockford's base 32 in lower case. It has no i, l, o or u, so an id can be read aloud. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const ID_BYTES = 16;
const ID_CHARS = 26;

// One call to the random source fills many ids. A call per id costs more than the rest of newId.
const pool = Buffer.alloc(ID_BYTES * 256);
let poolOffset = pool.length;

/**
 * Returns the source of a regular expression, without anchors, for ids with this prefix. The prefix
 * may itself be an expression.
 */
export function idForm(prefix: string): string {
  return `${prefix}_[0-9a-z]{${ID_CHARS}}`;
}

/** Returns an expression that matches an id with this prefix and nothing else. */
export function idPattern(prefix: string): RegExp {
  return new RegExp(`^${idForm(prefix)}$`);
}

/**
 * Returns a new id: `<prefix>_` and 26 characters of Crockford base 32, such as
 * `req_01jzk3v5m8e7wrt2q9a4c6x0yb`. It holds the time `at`, by default the present one.
 */
export function newId(prefix: string, at?: Date): string {
  return `${prefix}_${base32(uuidV7(at?.getTime() ?? Date.now()))}`;
}

/**
 * Returns an id that sorts before every id of the time `at` or later, and after every earlier one:
 * times before 1970 count as 1970.
 */
export function lowestId(prefix: string, at: Date): string {
  const bytes = Buffer.alloc(ID_BYTES);
  bytes.writeUIntBE(Math.max(0, at.getTime()), 0, 6);
  return `${prefix}_${base32(bytes)}`;
}

/**
 * Returns the next 16 bytes of the pool as a UUIDv7 (RFC 9562 §5.7): 48 bits of Unix milliseconds,
 * 74 random bits.
 */
function uuidV7(millis: number): Buffer {
  if (poolOffset === pool.length) {
    randomFillSync(pool);
    poolOffset = 0;
  }
  const bytes = pool.subarray(poolOffset, (poolOffset += ID_BYTES));
  bytes.writeUIntBE(millis, 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes;
}

/**
 * Encodes 128 bits as 26 characters, most significant first. The first character carries only three
 * bits.
 */
function base32(bytes: Buffer): string {
  let text = '';
  let bits = 0;
  let bitCount = ID_CHARS * 5 - ID_BYTES * 8;
  for (const byte of bytes) {
    bits = (bits << 8) | byte;
    bitCount += 8;
    while (bitCount >= 5) {
      bitCount -= 5;
      text += ALPHABET.charAt((bits >>> bitCount) & 31);
    }
    bits &= (1 << bitCount) - 1;
  }
  return text;
}
