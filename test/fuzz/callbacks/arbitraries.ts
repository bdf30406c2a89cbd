// Callbacks as arbitraries: those that the gateway sent, with changed fields, spellings, ciphertext
// and bytes, at right and wrong addresses.
import { encryptAes256 } from '@quittance/gateway-protocol';
import fc from 'fast-check';
import type { TerminalWithKeys } from '../../../tools/stack/terminals.js';
import { BYTES_CHANGES, textChanges, type BytesChange } from '../hostile/bytes.js';
import { formOf, hostileTexts, hostileValues, jsonOf, list, nested } from '../hostile/values.js';
import { oneOf, oneOfJson, POISON, set, spelledNumber, textOf } from '../hostile/values.js';
import { anyOf, rarely, type Changes, type Input } from '../inputs.js';
import type { SentBody } from '../stack/stack.js';

export type Fields = Record<string, unknown>;

/** A payment whose callbacks are forged. */
export interface Subject {
  readonly id: string;
  readonly reference: string;
  readonly terminal: TerminalWithKeys;
  readonly transId: string;
  readonly amount: string;
  /** Its code in the gateway's ledger. */
  readonly code: string;
  /** Of its callback address. */
  readonly token: string;
  readonly fields: Fields;
  /** Its callback as the gateway sent it; undefined if it sent none. */
  readonly real: SentBody | undefined;
}

export interface Callback extends Input, SentBody {
  readonly path: string;
  readonly isRight: boolean;
  readonly isTooLarge: boolean;
  readonly subjectId: string;
}

type FieldChange = (fields: Fields, other: Subject) => unknown;

/** The most that the server accepts. */
const BODY_BYTES_MAX = 64 * 1024;
const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';
/** The gateway's and others like them. */
const codes =
  oneOf(`0 | 1 | 2 | 3 | 5 | 7 | 8 | 9 | 10 | 11 | 12 | 20 | 22 | 23 | 24 | 25 | 26 | 27 |
  28 | -1 | 99 | 1.0 | 01 | ١`);
/** As the gateway writes them, and as no one should. */
const amounts = oneOf(`0 | 0.1 | 1.0E7 | 1e308 | -11.11 | NaN | Infinity | 11,11 | 1E-40 | 1E999 |
  11.110 | 1.111E1 | 1${'0'.repeat(70)}`);
const transIds = oneOf(
  '',
  ' 1',
  `${'9'.repeat(19)} | ${'9'.repeat(30)} | 0 | -1 |
  9007199254740993 | 1e17 | 0x1 | １`,
);
/** Members that are present and must not be read as what they look like. */
const unreadable = oneOfJson(String.raw`[] | {} | ["11.11"] | {"a":1} | true | false |
  "X\u200b" | "\u0000" | "   "`);
/** The fields that matter (§6.3). */
const NAMES =
  list(`transID | order_status | bill_amt | bill_currency | reference | status | response |
  ccno | authurl | tdate`);
const names = oneOf(...NAMES);
const types = oneOf(
  `x/${'y'.repeat(900)}`,
  `${JSON_TYPE} | ${FORM_TYPE} | text/plain | text/xml |
  multipart/form-data; boundary=x | application/octet-stream | APPLICATION/JSON | json | */* |
  application/json; charset=utf-16 | x-www-form-urlencoded | a/b;c="d`,
);

const setAny = (named: fc.Arbitrary<string>, values: fc.Arbitrary<unknown>) =>
  fc.tuple(named, values).map(
    ([name, value]): FieldChange =>
      (fields) =>
        set(fields, name, value),
  );
const hugeNumbers = fc.constantFrom(...['1e308', '-0', '9'.repeat(400)].map(spelledNumber));

const FIELD_MUTATIONS: Changes<FieldChange> = {
  code: setAny(oneOf('order_status'), codes),
  amount: setAny(oneOf('bill_amt'), amounts),
  transId: setAny(oneOf('transID'), transIds),
  number: setAny(names, hugeNumbers),
  unreadable: setAny(names, unreadable),
  nearly: fc
    .tuple(oneOf('reference | bill_currency | bill_amt | ccno'), fc.nat(2))
    .map(([name, way]) => (fields) => {
      const text = textOf(fields[name]);
      set(fields, name, [`${text}\u200B`, `1,${text}`, [text]][way]);
    }),
  terminal: setAny(oneOf('terno | terNO'), fc.constantFrom('0', '1.0', 'x', '٤٢', [], {})),
  missing: names.map((name) => (fields) => delete fields[name]),
  hostile: setAny(names, hostileValues),
  text: setAny(names, hostileTexts),
  poisoned: setAny(oneOf(...POISON), hostileValues),
  ofAnother: names.map((name) => (fields, other) => set(fields, name, other.fields[name])),
  halfOfAnother: fc.subarray(NAMES).map((some) => (fields, other) => {
    for (const name of some) set(fields, name, other.fields[name]);
  }),
  deep: setAny(
    oneOf('authdata'),
    fc.tuple(fc.constantFrom(5, 31, 33, 2_000), fc.boolean()).map((deep) => nested(...deep)),
  ),
  data: setAny(oneOf('data'), fc.constantFrom('', 'AAAA', 'x', [], null)),
};

const BYTE_MUTATIONS = textChanges(
  NAMES,
  fc.oneof(codes, amounts).map((text) => `"${text}"`),
);

const BLOCK = 16;
const blocksOf = (bytes: Buffer) =>
  Array.from({ length: Math.ceil(bytes.length / BLOCK) }, (_, at) =>
    bytes.subarray(at * BLOCK, (at + 1) * BLOCK),
  );
/** A change of blocks; two places among them are drawn. */
const ofBlocks = (
  change: (blocks: Buffer[], at: number, to: number, others: Buffer[]) => unknown,
) =>
  fc.tuple(fc.nat(), fc.nat()).map(([at, to]): BytesChange => (bytes, other) => {
    const blocks = blocksOf(bytes);
    const { length } = blocks;
    if (length > 0) change(blocks, at % length, to % length, blocksOf(other));
    return Buffer.concat(blocks);
  });

/** They change a ciphertext; the other one is under the same or another key. */
const CIPHER_MUTATIONS: Changes<BytesChange> = {
  ...BYTES_CHANGES,
  swapped: ofBlocks((blocks, at, to) => blocks.splice(to, 0, ...blocks.splice(at, 1))),
  dropped: ofBlocks((blocks, at) => blocks.splice(at, 1)),
  repeated: ofBlocks((blocks, at) => blocks.splice(at, 0, ...blocks.slice(at, at + 1))),
  blockOfAnother: ofBlocks((blocks, at, to, others) =>
    blocks.splice(at, 1, ...others.slice(to, to + 1)),
  ),
  tailOfAnother: ofBlocks((blocks, at, _, others) =>
    blocks.splice(at, blocks.length, ...others.slice(at)),
  ),
};

/** The ways in which a callback is written (§6.3, §6.4). */
const SPELLINGS = [
  { name: 'json', isSealed: false, contentType: JSON_TYPE, write: jsonOf },
  { name: 'form', isSealed: false, contentType: FORM_TYPE, write: formOf },
  { name: 'encryptedJson', isSealed: true, contentType: JSON_TYPE, write: jsonOf },
  { name: 'encryptedQuery', isSealed: true, contentType: JSON_TYPE, write: formOf },
];
const sealed = (text: string, terminal: TerminalWithKeys) =>
  Buffer.from(encryptAes256(text, terminal), 'base64url');

/** A ciphertext in the envelope that it is sent in, private key and all. */
function enveloped(cipher: Buffer, { publicKey, privateKey }: TerminalWithKeys, isForm: boolean) {
  const data = cipher.toString('base64url');
  const envelope = { private_key: privateKey, public_key: publicKey, data };
  return isForm
    ? { contentType: FORM_TYPE, body: Buffer.from(new URLSearchParams(envelope).toString()) }
    : { contentType: JSON_TYPE, body: Buffer.from(JSON.stringify(envelope)) };
}

const rightPath = ({ id, token }: Subject) => `/callbacks/${id}.${token}`;

function wrongPath({ id, token }: Subject, other: Subject, [way, drawn]: [number, number]): string {
  const at = drawn % token.length;
  const flippedAt = `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
  const ofAnother = other.id === id ? `${token}A` : other.token;
  const otherId = `${id.slice(0, -1)}${id.endsWith('0') ? '1' : '0'}`;
  const length = [43, 100, 101, 3_000][at % 4] ?? 0;
  const tokens = [flippedAt, token.slice(0, at) || 'A', `${token}${'A'.repeat(1 + at)}`, ofAnother];
  const texts = ['', 'A'.repeat(length), `${token}%00`];
  const ids = [`${id.toUpperCase()}.${token}`, `${otherId}.${token}`, `.${token}`, '__proto__'];
  const paths = [...[...tokens, ...texts].map((wrong) => `${id}.${wrong}`), ...ids];
  return `/callbacks/${paths[way % paths.length]}`;
}

/** A real callback as it came. */
export function untouched(subject: Subject): Callback {
  const sent = subject.real ?? { contentType: JSON_TYPE, body: Buffer.alloc(0) };
  const target = { path: rightPath(subject), subjectId: subject.id, isRight: true };
  return { ...sent, ...target, kinds: ['untouched'], isTooLarge: false };
}

const forgeries = (subject: fc.Arbitrary<Subject>) =>
  fc.record({
    subject,
    other: subject,
    spelling: fc.constantFrom(...SPELLINGS),
    changes: fc.array(anyOf('fields', FIELD_MUTATIONS), { maxLength: 2 }),
    ofReal: rarely(anyOf('bytes', BYTE_MUTATIONS), 3),
    ofBytes: rarely(anyOf('bytes', BYTE_MUTATIONS), 2),
    ofCipher: rarely(anyOf('cipher', CIPHER_MUTATIONS), 2),
    isForm: rarely(fc.constant(true), 6),
    otherType: rarely(
      fc.option(types, { nil: undefined }).map((contentType) => ({ contentType })),
      6,
    ),
    padding: rarely(fc.constantFrom(65_536, 100_000, 400_000), 200),
    wrong: rarely(fc.tuple(fc.nat(10), fc.nat()), 2),
  });
type Forgery = ReturnType<typeof forgeries> extends fc.Arbitrary<infer T> ? T : never;

function bodyOf({ subject, other, ...drawn }: Forgery): SentBody & Input {
  const { changes, spelling, ofReal, ofBytes, ofCipher, isForm = false } = drawn;
  const { real, terminal } = subject;
  const otherBody = other.real?.body ?? Buffer.from(JSON.stringify(other.fields));
  if (ofReal && real)
    return { ...real, body: ofReal.change(real.body, otherBody), kinds: [ofReal.name] };
  const fields = structuredClone(subject.fields);
  for (const { change } of changes) change(fields, other);
  const { isSealed, contentType, write } = spelling;
  const text = write(fields);
  const change = isSealed ? ofCipher : ofBytes;
  const otherBytes = isSealed ? sealed(jsonOf(other.fields), other.terminal) : otherBody;
  const plain = isSealed ? sealed(text, terminal) : Buffer.from(text);
  const body = change ? change.change(plain, otherBytes) : plain;
  const named = [...changes, { name: `spelling.${spelling.name}` }, ...(change ? [change] : [])];
  const sent = isSealed ? enveloped(body, terminal, isForm) : { contentType, body };
  return { ...sent, kinds: named.map(({ name }) => name) };
}

function forged(drawn: Forgery): Callback {
  const { subject, other, otherType, padding = 0, wrong } = drawn;
  const made = { ...bodyOf(drawn), ...otherType };
  const body = padding > 0 ? Buffer.concat([made.body, Buffer.alloc(padding, ' ')]) : made.body;
  const path = wrong ? wrongPath(subject, other, wrong) : rightPath(subject);
  const isTooLarge = body.length > BODY_BYTES_MAX;
  return { ...made, body, path, subjectId: subject.id, isRight: wrong === undefined, isTooLarge };
}

/** Any callback of a run. However well it is forged, it may not move a payment. */
export function callbacks(subjects: readonly Subject[]): fc.Arbitrary<Callback> {
  const settled = subjects.filter(({ real }) => real !== undefined);
  return fc.oneof(
    { weight: 39, arbitrary: forgeries(fc.constantFrom(...subjects)).map(forged) },
    { weight: 1, arbitrary: fc.constantFrom(...settled).map(untouched) },
  );
}
