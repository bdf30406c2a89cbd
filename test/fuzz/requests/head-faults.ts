// Faults of the head and of the bytes on the connection. A request is a text of a character per
// byte; it is sent as it stands here. `{id}` stands for the id in the path, `{card:-}` for the
// card's number with dashes between groups of four.
import fc from 'fast-check';
import { flipped, noise } from '../hostile/bytes.js';
import { FORM_TYPE, hostileTexts, oneOf, POISON, wellFormed } from '../hostile/values.js';
import { rarely, type Changes } from '../inputs.js';

type Texts = fc.Arbitrary<string>;
type RequestChange = (request: string) => string;
export type RequestFaults = Changes<RequestChange>;

/** Puts a text in place of what the pattern matches; `$&` in the text is the match. */
const put = (pattern: RegExp | string, texts: Texts) =>
  texts.map(
    (text): RequestChange =>
      (request) =>
        request.replace(pattern, text),
  );
const repeated = (textOf: (at: number) => string, ...lengths: number[]) =>
  fc
    .constantFrom(...lengths)
    .map((length) => Array.from({ length }, (_, at) => textOf(at)).join(''));
const cards = oneOf('{card:} | {card:-} | {card:.} | {card:_}');

const PATH = /\/[^ ?]*/;
/** Blanks and line ends would end the request line. */
const inAddress = fc.tuple(hostileTexts, fc.nat(2)).map(([text, way]) => {
  const bytes = Buffer.from(text).toString('latin1');
  return way === 0 ? bytes.replaceAll(/[\s\p{Cc}]/gu, '%20') : encodeURIComponent(wellFormed(text));
});
const broken = oneOf(
  '% | %E0%A4%A | %zz | %00 | %ff | %c0%af | %2e%2e%2f | %252e | %u0041 | + | && | = | ;',
);
const ids = oneOf(
  `pi_ | pi_none | PI_01M7Y5RH4RE6KRXXRPP491C5WC | re_none | .. | . | %2e%2e | %2f | %00 | null |
    0 | -1 | * | __proto__ | constructor | %F0%9F%8E%AB | pi_${'0'.repeat(26)} | pi_${'z'.repeat(500)}`,
);
const paths = oneOf(
  `$&/ | /$& | $&;jsessionid=1 | $&/batch | * | http://evil.example$& | $&#x | /x/..$& |
    /V1/PAYMENT-INTENTS | /v1/./payment-intents | /v1%2fpayment-intents`,
);
const methods = oneOf(
  'PUT | PATCH | DELETE | HEAD | OPTIONS | TRACE | GET | POST | PROPFIND | get | FOO | QUERY',
);
const parameters = oneOf(
  `limit | after | reference | status | terminal | created_after | version | x | __proto__ |
    constructor[prototype]`,
  '',
);
/** A parameter once or more, in any spelling. */
const pairs = fc
  .tuple(
    parameters,
    rarely(oneOf('[] | [0] | [a] | [__proto__][x] | .a'), 4),
    fc.array(fc.oneof(broken, inAddress, oneOf('1 | 2 | 1,2 | x', '')), { minLength: 1 }),
  )
  .map(([name, index = '', values]) =>
    values.map((value) => `${name}${index}=${value.slice(0, 9_000)}`).join('&'),
  );
const query = (texts: Texts) =>
  texts.map(
    (text): RequestChange =>
      (request) =>
        request.replace(
          /(\?\S*)? HTTP/,
          (_, old?: string) => `${old ? `${old}&` : '?'}${text} HTTP`,
        ),
  );

/** After these a request is not of the document any more. */
export const ADDRESS_FAULTS: RequestFaults = {
  method: put(/^\S+/, methods),
  id: put('{id}', fc.oneof(ids, inAddress, cards)),
  path: put(PATH, paths),
  brokenPath: put(
    PATH,
    broken.map((text) => `$&/${text}`),
  ),
  card: query(cards.map((card) => `${card}=1&reference=${card}`)),
};

export const QUERY_FAULTS: RequestFaults = {
  pairs: query(pairs),
  broken: query(broken),
  many: query(repeated((at) => `p${at}=1&`, 50, 400)),
  long: query(repeated(() => 'y', 1_000, 4_090, 5_000, 20_000)),
};

/** Values that some server mistakes. */
const VALUES: Readonly<Record<string, string>> = {
  'content-type': `APPLICATION/JSON | text/plain | text/xml | ${FORM_TYPE} | */* | json |
    text/json | application/jsonx | multipart/form-data | multipart/form-data; boundary=x |
    application/vnd.api+json | ${FORM_TYPE}; charset=utf-8 | application/json, text/plain |
    application/json, ${FORM_TYPE} | application/json; charset="utf-8" | application/json;; |
    application/json; charset=utf-16 | application/json; charset=x |
    application/json; charset=iso-8859-1 | application/json; charset=utf8`,
  prefer: `wait | wait= | wait=0 | wait=-1 | wait=31 | wait=1e1 | wait=0x2 | wait=1.5 | wait=NaN |
    wait=999999999999999999999 | wait="1" | wait=1;x=y | respond-async | wait=1,wait=2 | WAIT=1 |
    wait = 1 | ,,, | wait=1`,
  authorization: `Bearer | bearer | Basic dXNlcjpwYXNz | Bearer qk_ | Bearer null | Bearer a b c |
    Bearer ÿþ | Digest x | Bearer qk_%00 | Bearer [object Object] | Bearer qk_${'A'.repeat(43)} |
    Bearer ${'x'.repeat(9_000)}`,
  'content-encoding': 'gzip | br | deflate, gzip | x | identity',
  'content-digest': `sha-256=:AAAA: | x | md5=:AAAA: | sha-256=:${'A'.repeat(43)}=:`,
  'idempotency-key': 'one | two',
  'x-request-id | user-agent | traceparent | accept | origin': 'café | <script> | null | */*;q=x',
};
const strange = oneOf(
  `Expect: 100-continue | Expect: miracles | Upgrade: websocket | Signature: sig=:AAAA: |
    Signature-Input: sig=("@method");created=1;keyid="x" | X-Forwarded-For: 203.0.113.7, ::1, x |
    X-HTTP-Method-Override: DELETE | Range: bytes=0-0,1-1,5- | If-None-Match: * | TE: trailers, x |
    Accept-Encoding: br;q=9, *;q=-1 | Trailer: content-length | x-card{card:-}: 1 |
    Cookie: __proto__=1; ${'a=b; '.repeat(500)}`,
);
/** A line end would be another header, and NUL no HTTP; those are tried in {@link FRAME_FAULTS}. */
const inHeader = hostileTexts.map((text) =>
  Buffer.from(text)
    .toString('latin1')
    .replaceAll(/\p{Cc}/gu, ' '),
);
const LENGTH = /\r\ncontent-length: \d+/;
const END = /(?=\r\n\r\n)/;
const added = (lines: Texts) =>
  put(
    END,
    lines.map((line) => `\r\n${line}`),
  );
/** Up to two headers of a name, beside those that are there or in their place. */
const headers = (names: string, values: string) =>
  fc
    .record({
      name: oneOf(names),
      drawn: fc.array(fc.oneof(oneOf(values), oneOf(values), inHeader, cards), { maxLength: 2 }),
      isInstead: fc.boolean(),
    })
    .map(({ name, drawn, isInstead }): RequestChange => (request) => {
      const present = new RegExp(`\r\n${name}:[^\r]*`, 'gi');
      const lines = drawn.map((value) => `\r\n${name}: ${value}`).join('');
      return (isInstead ? request.replaceAll(present, '') : request).replace(END, () => lines);
    });

export const HEADER_FAULTS: RequestFaults = {
  ...Object.fromEntries(Object.entries(VALUES).map((pair) => [pair[0], headers(...pair)])),
  strange: added(strange),
  poisonedName: added(oneOf(...POISON).map((name) => `${name}: x`)),
  huge: added(repeated(() => 'x', 8_000, 15_000, 17_000, 70_000).map((text) => `x-huge: ${text}`)),
  many: added(repeated((at) => `x-${at}: y\r\n`, 100, 1_000, 2_500).map((text) => `${text}x: y`)),
};

/** Lengths that lie, chunks that break, lines that are none. */
export const FRAME_FAULTS: RequestFaults = {
  length: put(
    /\r\ncontent-length: (\d+)|(?=\r\n\r\n)/,
    oneOf(`0 | 1 | 1$1 | -1 | ${'9'.repeat(30)} | ten | 0x10 | $1\r\nContent-Length: 1$1`).map(
      (value) => `\r\nContent-Length: ${value}`,
    ),
  ),
  noLength: put(LENGTH, fc.constant('')),
  chunks: oneOf(
    'zz\r\nx',
    'ff\r\n{"reference',
    `${'f'.repeat(20)}\r\nx`,
    'HEX;x=y\r\nBODY\r\n0',
  ).map(
    (text) => (request) =>
      request.replace(LENGTH, '').replace(/\r\n\r\n([^]*)$/, (_, body: string) => {
        const chunks = text.replace('HEX', body.length.toString(16)).replace('BODY', () => body);
        return `\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}\r\n\r\n`;
      }),
  ),
  line: added(
    oneOf(
      'Transfer-Encoding: chunked | Transfer-Encoding: gzip, identity | host: evil.example',
      'x-nul: a\u0000b',
      'x y : z',
      'x-a: b\r\n c',
    ),
  ),
  version: put('HTTP/1.1', oneOf('HTTP/1.0', 'HTTP/9.9', 'HTTP/2.0', 'HTCPCP/1.0', '')),
  noHost: put(/host: [^\r]+\r\n/, fc.constant('')),
};

/** Requests that end early, or that are none. */
export const WIRE_FAULTS: RequestFaults = {
  cutAnywhere: fc.nat().map((at) => (request) => request.slice(0, at % request.length)),
  twice: fc.constant((request) => request.repeat(2)),
  noise: noise(300).map((bytes) => () => bytes.toString('latin1') || 'x'),
  preface: fc.constant(() => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  bareLineFeeds: fc.constant((request) => request.replaceAll('\r\n', '\n')),
  flippedBit: fc
    .nat()
    .map((at) => (request) => flipped(Buffer.from(request, 'latin1'), at).toString('latin1')),
};
