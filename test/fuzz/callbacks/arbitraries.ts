// Callbacks as arbitraries: those that the gateway sent, with changed fields, spellings, ciphertext
// and bytes, at right and wrong addresses.
import { encryptAes256 } from '@quittance/gateway-protocol';
import fc from 'fast-check';
import type { TerminalWithKeys } from '../../../tools/stack/terminals.js';
import { BYTES_CHANGES, ofText, textChanges, type BytesChange } from '../hostile/bytes.js';
import { MEMBER_CHANGES, type MembersChange } from '../hostile/members.js';
import {
  FORM_TYPE,
  formOf,
  JSON_TYPE,
  jsonOf,
  list,
  oneOf,
  set,
  textOf,
} from '../hostile/values.js';
import { anyOf, namesOf, rarely, type Changes, type Drawn } from '../inputs.js';
import type { Subject } from './subjects.js';

export type Callback = Drawn<ReturnType<typeof callbacks>>;
type Body = { contentType: string | undefined; body: Buffer; kinds: string[] };

/** The most that the server accepts. */
const BODY_BYTES_MAX = 64 * 1024;
/** The fields that matter (§6.3). */
const NAMES =
  list(`transID | order_status | bill_amt | bill_currency | reference | status | response |
  ccno | authurl | tdate`);
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
  `${'9'.repeat(19)} | ${'9'.repeat(30)} | 0 | -1 | 9007199254740993 | 1e17 | 0x1 | １`,
);
const types = oneOf(
  `${JSON_TYPE} | ${FORM_TYPE} | text/plain | text/xml | multipart/form-data; boundary=x |
  application/octet-stream | APPLICATION/JSON | json | */* | application/json; charset=utf-16 |
  x-www-form-urlencoded | a/b;c="d | x/${'y'.repeat(900)}`,
);

const setAny = (names: string, values: fc.Arbitrary<unknown>) =>
  fc.tuple(oneOf(names), values).map(
    ([name, value]): MembersChange =>
      (fields) =>
        set(fields, name, value),
  );
const FIELD_CHANGES: Changes<MembersChange> = {
  ...MEMBER_CHANGES,
  code: setAny('order_status', codes),
  amount: setAny('bill_amt', amounts),
  transId: setAny('transID', transIds),
  nearly: fc
    .tuple(oneOf('reference | bill_currency | bill_amt | ccno'), fc.nat(2))
    .map(([name, way]) => (fields) => {
      const text = textOf(fields[name]);
      set(fields, name, [`${text}\u200B`, `1,${text}`, [text]][way]);
    }),
  terminal: setAny('terno | terNO', fc.constantFrom('0', '1.0', 'x', '٤٢', [], {})),
  ofAnother: fc.subarray(NAMES, { minLength: 1 }).map((names) => (fields, other) => {
    for (const name of names) set(fields, name, other[name]);
  }),
  data: setAny('data', fc.constantFrom('', 'AAAA', 'x', [], null)),
};
const TEXT_CHANGES = textChanges(
  NAMES,
  fc.oneof(codes, amounts).map((text) => `"${text}"`),
);

const BLOCK = 16;
const blocksOf = (bytes: Buffer) =>
  Array.from({ length: Math.ceil(bytes.length / BLOCK) }, (_, at) =>
    bytes.subarray(at * BLOCK, (at + 1) * BLOCK),
  );
/** Up to two blocks or a whole tail. */
const counts = fc.constantFrom(0, 1, 2, Infinity);
/** Puts blocks of a ciphertext in the place of others; the other one has the same key or not. */
const splices = fc
  .record({ at: fc.nat(), removed: counts, from: fc.nat(), taken: counts, isOwn: fc.boolean() })
  .map(({ at, removed, from, taken, isOwn }): BytesChange => (bytes, other) => {
    const [blocks, source] = [blocksOf(bytes), blocksOf(isOwn ? bytes : other)];
    const start = from % (source.length + 1);
    const added = source.slice(start, start + taken);
    return Buffer.concat(blocks.toSpliced(at % (blocks.length + 1), removed, ...added));
  });
const CIPHER_CHANGES: Changes<BytesChange> = {
  ...BYTES_CHANGES,
  blocks: fc
    .array(splices, { minLength: 1, maxLength: 2 })
    .map((all) => (bytes, other) => all.reduce((made, splice) => splice(made, other), bytes)),
};
const sealed = (text: string, terminal: TerminalWithKeys) =>
  Buffer.from(encryptAes256(text, terminal), 'base64url');

const addressOf = ({ id, token }: Subject) => `${id}.${token}`;
const ADDRESS_CHANGES: Changes<BytesChange> = {
  ...BYTES_CHANGES,
  longer: ofText(oneOf('A', 'A'.repeat(57), 'A'.repeat(3_000), '\0'), (text, tail) => text + tail),
  upperCase: ofText(fc.nat(30), (text, end) => text.slice(0, end).toUpperCase() + text.slice(end)),
  part: ofText(oneOf('$1. | .$2 | $1 | $2 | __proto__', ''), (text, part) =>
    text.replace(/(.*)\.(.*)/, part),
  ),
};

/** A real callback as it came. */
export function untouched(subject: Subject) {
  const { contentType = JSON_TYPE, body = '' } = subject.real ?? {};
  const target = { path: `/callbacks/${addressOf(subject)}`, subjectId: subject.id };
  const sent = { ...target, contentType, body: Buffer.from(body), kinds: ['untouched'] };
  return { ...sent, isRight: true, isTooLarge: false };
}

const forgeries = (subject: fc.Arbitrary<Subject>) =>
  fc.record({
    subject,
    other: subject,
    /** Bytes of the real one are changed, if there is one, in place of its fields. */
    isReal: rarely(fc.constant(true), 3),
    /** The ways in which a callback is written (§6.3, §6.4). */
    isForm: fc.boolean(),
    isSealed: fc.boolean(),
    isInForm: rarely(fc.constant(true), 6),
    changes: fc.array(anyOf('fields', FIELD_CHANGES), { maxLength: 2 }),
    text: rarely(anyOf('bytes', TEXT_CHANGES), 3),
    cipher: rarely(anyOf('cipher', CIPHER_CHANGES), 2),
    otherType: rarely(fc.oneof(types, fc.constant('')), 6),
    padding: rarely(fc.constantFrom(65_536, 100_000, 400_000), 200),
    address: rarely(anyOf('address', ADDRESS_CHANGES), 2),
  });
type Forgery = Drawn<ReturnType<typeof forgeries>>;

const spelled = (fields: object, isForm = false) => ({
  contentType: isForm ? FORM_TYPE : JSON_TYPE,
  body: Buffer.from((isForm ? formOf : jsonOf)(fields)),
});

function bodyOf({ subject, other, ...drawn }: Forgery): Body {
  const { isReal, isForm, isSealed, isInForm, changes, text, cipher, address } = drawn;
  const { real, terminal } = subject;
  const otherText = Buffer.from(other.real?.body ?? jsonOf(other.fields));
  if (isReal && real && text) {
    const body = text.change(Buffer.from(real.body), otherText);
    return { contentType: real.contentType, body, kinds: namesOf([text, address]) };
  }
  const fields = structuredClone(subject.fields);
  for (const { change } of changes) change(fields, other.fields);
  const plain = spelled(fields, isForm);
  const body = text?.change(plain.body, otherText) ?? plain.body;
  const spelling = { name: `spelling.${isSealed ? 'sealed' : 'plain'}${isForm ? 'Form' : 'Json'}` };
  const kinds = namesOf([...changes, text, spelling, isSealed ? cipher : undefined, address]);
  if (!isSealed) return { ...plain, body, kinds };
  const sent = sealed(body.toString(), terminal);
  const changed = cipher?.change(sent, sealed(otherText.toString(), other.terminal)) ?? sent;
  // The envelope that a ciphertext is sent in, private key and all.
  const { publicKey: public_key, privateKey: private_key } = terminal;
  const envelope = { private_key, public_key, data: changed.toString('base64url') };
  return { ...spelled(envelope, isInForm), kinds };
}

function forged(drawn: Forgery) {
  const { subject, other, otherType, padding = 0, address } = drawn;
  const made = bodyOf(drawn);
  const contentType = otherType === '' ? undefined : (otherType ?? made.contentType);
  const body = Buffer.concat([made.body, Buffer.alloc(padding, ' ')]);
  const right = Buffer.from(addressOf(subject));
  const sent = String(address?.change(right, Buffer.from(addressOf(other))) ?? right);
  // Two addresses spliced at their beginnings are the other one.
  const addressee = [subject, other].find((one) => addressOf(one) === sent);
  const { id: subjectId } = addressee ?? subject;
  const target = {
    path: `/callbacks/${encodeURIComponent(sent)}`,
    subjectId,
    isRight: addressee !== undefined,
  };
  return { ...made, ...target, contentType, body, isTooLarge: body.length > BODY_BYTES_MAX };
}

/** Any callback of a run. However well it is forged, it may not move a payment. */
export function callbacks(subjects: readonly Subject[]) {
  const settled = subjects.filter(({ real }) => real !== undefined);
  return fc.oneof(
    { weight: 39, arbitrary: forgeries(fc.constantFrom(...subjects)).map(forged) },
    { weight: 1, arbitrary: fc.constantFrom(...settled).map(untouched) },
  );
}
