// Faults of the address, the headers and the bytes on the connection. All is sent as it stands
// here, byte for byte.
import fc from 'fast-check';
import { flipped, noise } from '../hostile/bytes.js';
import { formOf, groupings, hostileTexts, oneOf, POISON, wellFormed } from '../hostile/values.js';
import { fault, nothing, type Draft, type Faults } from './draft.js';

/** A fault after which the request is not of the document any more. */
const foreign = <T>(drawn: fc.Arbitrary<T>, change: (draft: Draft, value: T) => void) =>
  fault(drawn, change, { isForeign: true });
/** The card of the run, whole or in groups. */
const cardNumber = groupings.map(
  (grouped) =>
    ({ card }: Draft) =>
      grouped(card.number),
);
const repeated = (text: string, ...lengths: number[]) =>
  fc.constantFrom(...lengths).map((length) => text.repeat(length));

/**
 * A hostile text in an address, escaped or not. Blanks and line ends would end the request line.
 */
const inAddress = fc.tuple(hostileTexts, fc.nat(2)).map(([text, way]) => {
  const bytes = Buffer.from(text).toString('latin1');
  return way === 0 ? bytes.replaceAll(/[\s\p{Cc}]/gu, '%20') : encodeURIComponent(wellFormed(text));
});
const broken = oneOf(
  '% | %E0%A4%A | %zz | %00 | %ff | %c0%af | %2e%2e%2f | %252e | %u0041 | + | && | = | ;',
);
const ids = oneOf(
  `pi_ | pi_none | PI_01M7Y5RH4RE6KRXXRPP491C5WC | re_none | .. | . | %2e%2e | %2f | %00 | null |
    0 | -1 | * | __proto__ | constructor | %F0%9F%8E%AB`,
  `pi_${'0'.repeat(26)} | pi_${'z'.repeat(500)}`,
);
/** The changed path, in place of `PATH`. */
const paths = oneOf(
  `PATH/ | /PATH | PATH;jsessionid=1 | PATH/batch | * | http://evil.examplePATH | PATH#x |
    /V1/PAYMENT-INTENTS | /v1/./payment-intents | /v1%2fpayment-intents | /x/..PATH`,
);

/** They change `draft.method`, `draft.path`, `draft.id` and `draft.query`. */
export const ADDRESS_FAULTS: Faults = {
  method: foreign(
    oneOf(
      'PUT | PATCH | DELETE | HEAD | OPTIONS | TRACE | GET | POST | PROPFIND | get | FOO | QUERY',
    ),
    (draft, method) => (draft.method = method),
  ),
  id: foreign(fc.oneof(ids, inAddress), (draft, id) => (draft.id = id)),
  path: foreign(paths, (draft, path) => (draft.path = path.replace('PATH', draft.path))),
  brokenPath: foreign(broken, (draft, text) => (draft.path += `/${text}`)),
  longAddress: fault(repeated('y', 1_000, 4_090, 5_000, 20_000), ({ query }, text) =>
    query.push(`x=${text}`),
  ),
  unknownParameter: fault(oneOf('x', '__proto__', 'constructor[prototype]', ''), (draft, name) =>
    draft.query.push(`${name}=1`),
  ),
  twice: fault(fc.tuple(fc.nat(), oneOf('2', '1', '', 'x')), (draft, [drawn, value]) => {
    const all = draft.operation.parameters ?? [];
    const names = all.filter((one) => one.in === 'query').map(({ name }) => name);
    const name = names[drawn % names.length] ?? 'limit';
    draft.query.push(`${name}=1`, `${name}=${value}`);
  }),
  array: fault(
    oneOf('limit[]=1 | limit[0]=1 | limit[a]=1 | limit=1,2 | limit[__proto__][x]=1 | limit.a=1'),
    ({ query }, pair) => query.push(pair),
  ),
  hostileQuery: fault(
    fc.tuple(
      oneOf('limit | after | reference | status | terminal | created_after | version'),
      inAddress,
    ),
    ({ query }, [name, text]) => query.push(`${name}=${text.slice(0, 9_000)}`),
  ),
  card: foreign(fc.tuple(cardNumber, fc.nat(3)), (draft, [numberOf, place]) => {
    const number = encodeURIComponent(numberOf(draft));
    const pair = [`${number}=1`, `reference=${number}`, `x=${number}`][place];
    if (pair === undefined) draft.id = number;
    else draft.query.push(pair);
  }),
  brokenQuery: fault(fc.tuple(broken, broken), ({ query }, [text, limit]) =>
    query.push(text, `limit=${limit}`),
  ),
  manyParameters: fault(fc.constantFrom(50, 400), ({ query }, length) =>
    query.push(...Array.from({ length }, (_, at) => `p${at}=1`)),
  ),
};

const without = (draft: Draft, name: string) => {
  draft.headers = draft.headers.filter(([other]) => other.toLowerCase() !== name);
};
const add = (draft: Draft, name: string, value: string) => draft.headers.push([name, value]);
/** Adds headers of any of some names, one with each of the values. */
const added = (names: fc.Arbitrary<string>, ...values: fc.Arbitrary<string>[]) =>
  fault(fc.tuple(names, fc.tuple(...values)), (draft, [name, drawn]) => {
    for (const value of drawn) add(draft, name, value);
  });
/** Adds a header, in place of what has its name. */
const changed = (name: string, values: fc.Arbitrary<string>) =>
  fault(values, (draft, value) => {
    without(draft, name);
    add(draft, name, value);
  });

const FORM = 'application/x-www-form-urlencoded';
const types = oneOf(
  '',
  `APPLICATION/JSON | text/plain | text/xml | ${FORM} | */* | json | text/json | application/jsonx |
    multipart/form-data | multipart/form-data; boundary=x | application/vnd.api+json |
    ${FORM}; charset=utf-8 | application/json, text/plain | application/json, ${FORM} |
    application/json;; | application/json; charset="utf-8" | application/json; charset=utf-16 |
    application/json; charset=x | application/json; charset=iso-8859-1 |
    application/json; charset=utf8`,
);
const preferences = oneOf(
  `wait | wait= | wait=0 | wait=-1 | wait=31 | wait=1e1 | wait=0x2 | wait=1.5 | wait=NaN | ,,, |
    wait=999999999999999999999 | wait="1" | wait=1;x=y | respond-async | wait=1,wait=2 | WAIT=1 |
    wait = 1`,
);
const authorizations = oneOf(
  '',
  'Bearer ',
  `Bearer qk_${'A'.repeat(43)} | Bearer ${'x'.repeat(9_000)}`,
  `Bearer | bearer | Basic dXNlcjpwYXNz | Bearer qk_ | Bearer null | Bearer a b c | Bearer ÿþ |
    Digest x | Bearer qk_%00 | Bearer [object Object]`,
);
const strange = oneOf(
  `Cookie: __proto__=1; ${'a=b; '.repeat(500)}`,
  `Expect: 100-continue | Expect: miracles | Content-Encoding: gzip | Upgrade: websocket |
    Content-Digest: sha-256=:AAAA: | Content-Digest: x | Signature: sig=:AAAA: | Origin: null |
    Signature-Input: sig=("@method");created=1;keyid="x" | X-Forwarded-For: 203.0.113.7, ::1, x |
    X-HTTP-Method-Override: DELETE | Range: bytes=0-0,1-1,5- | If-None-Match: * | TE: trailers, x |
    Accept: image/*;q=x | Accept-Encoding: br;q=9, *;q=-1 | Trailer: content-length |
    X-Request-Id: <script>`,
);
/** A line end would be another header, and NUL no HTTP; those are tried on the wire. */
const inHeader = hostileTexts.map((text) =>
  Buffer.from(text)
    .toString('latin1')
    .replaceAll(/\p{Cc}/gu, ' '),
);

/** They change `draft.headers`. */
export const HEADER_FAULTS: Faults = {
  noType: fault(nothing, (draft) => without(draft, 'content-type')),
  otherType: changed('content-type', types),
  twoTypes: added(oneOf('Content-Type'), types),
  form: fault(nothing, (draft) => {
    without(draft, 'content-type');
    add(draft, 'content-type', FORM);
    if (draft.body !== undefined) draft.bytes = Buffer.from(formOf(draft.body));
  }),
  encoded: added(oneOf('Content-Encoding'), oneOf('gzip | br | deflate, gzip | x | identity')),
  otherDigest: added(
    oneOf('Content-Digest'),
    oneOf(`sha-256=:${'A'.repeat(43)}=:`, 'md5=:AAAA:', ''),
  ),
  noText: added(oneOf('x-note | user-agent | prefer'), oneOf('caf\u00e9')),
  preference: added(oneOf('Prefer'), preferences),
  twoPreferences: added(oneOf('Prefer'), oneOf('wait=1'), preferences),
  twoIdempotencyKeys: added(oneOf('Idempotency-Key'), oneOf('one'), oneOf('two')),
  authorization: changed('authorization', authorizations),
  twoAuthorizations: added(oneOf('Authorization'), authorizations),
  strange: fault(strange, (draft, line) =>
    add(draft, ...(line.split(/: (.*)/s) as [string, string])),
  ),
  hostile: added(oneOf('prefer | accept | x-request-id | user-agent | traceparent'), inHeader),
  card: fault(
    fc.tuple(cardNumber, oneOf('x-request-id | Idempotency-Key | Prefer | Content-Digest', '')),
    (draft, [numberOf, name]) => {
      if (name !== '') add(draft, name, numberOf(draft));
      else add(draft, `x-${numberOf(draft).replaceAll(' ', '-')}`, '1');
    },
  ),
  poisonedName: added(oneOf(...POISON), oneOf('x')),
  huge: added(oneOf('x-huge'), repeated('x', 8_000, 15_000, 17_000, 70_000)),
  many: fault(fc.constantFrom(100, 1_000, 2_500), (draft, length) => {
    for (let at = 0; at < length; at += 1) add(draft, `x-${at}`, 'y');
  }),
};

const CRLF = '\r\n';
/** A fault after which the server may answer, or hang up without an answer. */
const cuttable = <T>(drawn: fc.Arbitrary<T>, change: (draft: Draft, value: T) => void) =>
  fault(drawn, change, { mayBeCut: true });
const lengths = (valuesOf: (length: number) => (string | number)[]) =>
  cuttable(nothing, (draft) => {
    without(draft, 'content-length');
    for (const value of valuesOf(draft.bytes.length)) add(draft, 'Content-Length', `${value}`);
  });
const coding = (value: string) =>
  cuttable(nothing, (draft) => add(draft, 'Transfer-Encoding', value));
const chunked = (textOf: (bytes: Buffer) => string) =>
  cuttable(nothing, (draft) => {
    without(draft, 'content-length');
    add(draft, 'Transfer-Encoding', 'chunked');
    draft.bytes = Buffer.from(textOf(draft.bytes));
  });
const wire = <T>(drawn: fc.Arbitrary<T>, change: (bytes: Buffer, value: T) => Buffer) =>
  cuttable(drawn, (draft, value) => (draft.onWire = (bytes) => change(bytes, value)));
const onText = <T>(drawn: fc.Arbitrary<T>, change: (text: string, value: T) => string) =>
  wire(drawn, (bytes, value) => Buffer.from(change(bytes.toString('latin1'), value), 'latin1'));
/** Puts a line after the request line. */
const line = (text: string) =>
  onText(nothing, (request) => request.replace(CRLF, `${CRLF}${text}${CRLF}`));

/** Lengths that lie, chunks that break, requests that end early. */
export const WIRE_FAULTS: Faults = {
  tooShort: lengths((length) => [Math.max(0, length - 3)]),
  tooLong: lengths((length) => [length + 10]),
  negative: lengths(() => [-1]),
  endless: lengths(() => ['9'.repeat(30)]),
  words: lengths(() => ['ten']),
  twoLengths: lengths((length) => [length, length + 1]),
  hexLength: lengths(() => ['0x10']),
  noLength: lengths(() => []),
  lengthAndChunks: coding('chunked'),
  strangeCoding: coding('gzip, identity'),
  chunksBroken: chunked(() => `zz${CRLF}x${CRLF}`),
  chunksCut: chunked(() => `ff${CRLF}{"reference`),
  chunksHuge: chunked(() => `${'f'.repeat(20)}${CRLF}x`),
  chunksGood: chunked(
    (bytes) => `${bytes.length.toString(16)};x=y${CRLF}${bytes.toString()}${CRLF}0${CRLF}${CRLF}`,
  ),
  cutAnywhere: wire(fc.nat(), (bytes, at) => bytes.subarray(0, at % bytes.length)),
  twice: wire(nothing, (bytes) => Buffer.concat([bytes, bytes])),
  noise: wire(noise(300), (_, bytes) => (bytes.length > 0 ? bytes : Buffer.from('x'))),
  otherVersion: onText(
    oneOf('HTTP/1.0', 'HTTP/9.9', 'HTTP/2.0', 'HTCPCP/1.0', ''),
    (text, version) => text.replace('HTTP/1.1', version),
  ),
  preface: onText(nothing, () => `PRI * HTTP/2.0${CRLF}${CRLF}SM${CRLF}${CRLF}`),
  bareLineFeeds: onText(nothing, (text) => text.replaceAll(CRLF, '\n')),
  nulInHeader: line('x-nul: a\u0000b'),
  blankInName: line('x y : z'),
  folded: line(`x-a: b${CRLF} c`),
  noHost: onText(nothing, (text) => text.replace(/host: [^\r]+\r\n/, '')),
  twoHosts: line('host: evil.example'),
  // It may have hit the address.
  flippedBit: fault(fc.nat(), (draft, at) => (draft.onWire = (bytes) => flipped(bytes, at)), {
    mayBeCut: true,
    isForeign: true,
  }),
};
