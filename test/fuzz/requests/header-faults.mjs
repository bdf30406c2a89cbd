// What can be wrong with headers: missing, doubled, contradicting, huge, and in no character set there is.
import { hostileText } from './hostile-values.mjs';
import { groupsOf, jsonOf } from './spellings.mjs';

const without = (draft, name) => {
  draft.headers = draft.headers.filter(([other]) => other.toLowerCase() !== name);
};
const add = (draft, name, value) => draft.headers.push([name, value]);
/** A line end would be another header, and NUL no HTTP; those are tried on the wire. */
const inHeader = (text) =>
  Buffer.from(text)
    .toString('latin1')
    .replaceAll(/[\p{Cc}]/gu, ' ');

const TYPES = [
  'APPLICATION/JSON',
  'application/json; charset="utf-8"',
  'text/plain',
  'text/xml',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  '',
  '*/*',
  'application/json; charset=utf-16',
  'application/json; charset=x',
  'application/json;;',
  'application/vnd.api+json',
  'application/json, text/plain',
  'application/jsonx',
  'json',
  'text/json',
  'application/json; charset=iso-8859-1',
  'application/json; charset=utf8',
  'application/json, application/x-www-form-urlencoded',
  'application/x-www-form-urlencoded; charset=utf-8',
  'multipart/form-data',
];
const words = (part) => (typeof part === 'string' ? part : (jsonOf(part) ?? '')).toWellFormed();
/** The body as a form says it: flat, and read by whoever reads forms. */
const asForm = (body) =>
  Object.entries(Object(body))
    .map((pair) => pair.map((part) => encodeURIComponent(words(part))).join('='))
    .join('&');
const PREFERENCES = [
  'wait',
  'wait=',
  'wait=0',
  'wait=-1',
  'wait=31',
  'wait=1e1',
  'wait=0x2',
  'wait=999999999999999999999',
  'wait=1.5',
  'wait=NaN',
  'wait="1"',
  'wait=1;x=y',
  'respond-async',
  'wait=1,wait=2',
  ',,,',
  'WAIT=1',
  'wait = 1',
];
const AUTHORIZATIONS = [
  '',
  'Bearer',
  'Bearer ',
  'bearer',
  'Basic dXNlcjpwYXNz',
  'Bearer qk_',
  `Bearer qk_${'A'.repeat(43)}`,
  'Bearer null',
  `Bearer ${'x'.repeat(9e3)}`,
  'Bearer a b c',
  'Bearer ÿþ',
  'Digest x',
  'Bearer qk_%00',
  'Bearer [object Object]',
];
const STRANGE = [
  ['Expect', '100-continue'],
  ['Expect', 'miracles'],
  ['Content-Encoding', 'gzip'],
  ['Content-Digest', 'sha-256=:AAAA:'],
  ['Content-Digest', 'x'],
  ['Signature', 'sig=:AAAA:'],
  ['Signature-Input', 'sig=("@method");created=1;keyid="x"'],
  ['X-Forwarded-For', '203.0.113.7, ::1, x'],
  ['X-HTTP-Method-Override', 'DELETE'],
  ['Range', 'bytes=0-0,1-1,5-'],
  ['If-None-Match', '*'],
  ['Accept', 'image/*;q=x'],
  ['Accept-Encoding', 'br;q=9, *;q=-1'],
  ['Upgrade', 'websocket'],
  ['Cookie', `__proto__=1; ${'a=b; '.repeat(500)}`],
  ['Trailer', 'content-length'],
  ['TE', 'trailers, x'],
  ['Origin', 'null'],
  ['X-Request-Id', '<script>'],
];

/** Faults of `draft.headers`, a list of names and values. */
export const HEADER_FAULTS = {
  noType: (draft) => without(draft, 'content-type'),
  otherType: (draft, random) => {
    without(draft, 'content-type');
    add(draft, 'content-type', random.pick(TYPES));
  },
  twoTypes: (draft, random) => add(draft, 'Content-Type', random.pick(TYPES)),
  form: (draft) => {
    without(draft, 'content-type');
    add(draft, 'content-type', 'application/x-www-form-urlencoded');
    if (draft.body !== undefined) draft.bytes = Buffer.from(asForm(draft.body));
  },
  coded: (draft, random) =>
    add(draft, 'Content-Encoding', random.pick(['gzip', 'br', 'deflate, gzip', 'x', 'identity'])),
  otherDigest: (draft, random) =>
    add(draft, 'Content-Digest', random.pick([`sha-256=:${'A'.repeat(43)}=:`, 'md5=:AAAA:', ''])),
  noText: (draft, random) =>
    add(draft, random.pick(['x-note', 'user-agent', 'prefer']), 'caf\u00e9'),
  preference: (draft, random) => add(draft, 'Prefer', random.pick(PREFERENCES)),
  twoPreferences: (draft, random) => {
    add(draft, 'Prefer', 'wait=1');
    add(draft, 'prefer', random.pick(PREFERENCES));
  },
  twoIdempotencyKeys: (draft) => {
    add(draft, 'Idempotency-Key', 'one');
    add(draft, 'Idempotency-Key', 'two');
  },
  authorization: (draft, random) => {
    without(draft, 'authorization');
    add(draft, 'Authorization', random.pick(AUTHORIZATIONS));
  },
  twoAuthorizations: (draft, random) => add(draft, 'Authorization', random.pick(AUTHORIZATIONS)),
  strange: (draft, random) => draft.headers.push(random.pick(STRANGE)),
  hostile: (draft, random) =>
    add(
      draft,
      random.pick(['prefer', 'accept', 'x-request-id', 'user-agent', 'traceparent']),
      inHeader(hostileText(random)),
    ),
  card: (draft, random) => {
    const number = random.pick([draft.card.number, groupsOf(draft.card.number, random)]);
    const name = random.pick(['x-request-id', 'Idempotency-Key', 'Prefer', 'Content-Digest']);
    if (random.below(3) === 0) add(draft, `x-${number.replaceAll(' ', '-')}`, '1');
    else add(draft, name, number);
  },
  poisonedName: (draft, random) =>
    add(draft, random.pick(['__proto__', 'constructor', 'toString']), 'x'),
  huge: (draft, random) =>
    add(draft, 'x-huge', 'x'.repeat(random.pick([8_000, 15_000, 17_000, 70_000]))),
  many: (draft, random) => {
    for (let count = random.pick([100, 1_000, 2_500]); count > 0; count -= 1)
      add(draft, `x-${count}`, 'y');
  },
};
