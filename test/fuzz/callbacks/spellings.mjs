// The ways a callback can be written and sent.
import { jsonOf } from '../requests/spellings.mjs';
import { encrypt, envelope, FORM_TYPE, JSON_TYPE } from './wire.mjs';

const TYPES = [
  JSON_TYPE,
  FORM_TYPE,
  undefined,
  'text/plain',
  'text/xml',
  'multipart/form-data; boundary=x',
  'application/octet-stream',
  'application/json; charset=utf-16',
  'APPLICATION/JSON',
  'json',
  'x-www-form-urlencoded',
  '*/*',
  'a/b;c="d',
  `x/${'y'.repeat(900)}`,
];

/** A content type that is not the body's. */
export const otherType = (random) => random.pick(TYPES);

/** Beyond what the server takes. */
export const oversized = (bytes, random) =>
  Buffer.concat([bytes, Buffer.alloc(random.pick([65_536, 100_000, 400_000]), ' ')]);

const queryOf = (fields) =>
  new URLSearchParams(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'object' ? JSON.stringify(value) : String(value).toWellFormed(),
    ]),
  ).toString();

/** The ways a callback is written (§6.3, §6.4): its content type, and its bytes or those of its ciphertext. */
export const SPELLINGS = {
  json: (fields) => ({ contentType: JSON_TYPE, body: Buffer.from(jsonOf(fields)) }),
  form: (fields) => ({ contentType: FORM_TYPE, body: Buffer.from(queryOf(fields)) }),
  encryptedJson: (fields, terminal) => ({
    contentType: JSON_TYPE,
    cipher: encrypt(jsonOf(fields), terminal),
  }),
  encryptedQuery: (fields, terminal) => ({
    contentType: JSON_TYPE,
    cipher: encrypt(queryOf(fields), terminal),
  }),
};

/** A ciphertext in the envelope it is sent in; sometimes as a form. */
export function enveloped(cipher, terminal, random) {
  const text = envelope(cipher, terminal);
  return random.below(6) === 0
    ? {
        contentType: FORM_TYPE,
        body: Buffer.from(new URLSearchParams(JSON.parse(text)).toString()),
      }
    : { contentType: JSON_TYPE, body: Buffer.from(text) };
}
