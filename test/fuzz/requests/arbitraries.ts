// Requests as arbitraries: operations of the api's own document, with bodies that its schemas allow
// and most of the time a fault or two. A fuzz that is always refused at the door tests the door
// only.
import fc from 'fast-check';
import { ENCODINGS, FORM_TYPE, formOf, grouped, JSON_TYPE, jsonOf } from '../hostile/values.js';
import { anyOf, namesOf, rarely, type Drawn } from '../inputs.js';
import type { World } from '../stack/world.js';
import { TEXT_FAULTS, VALUE_FAULTS } from './body-faults.js';
import {
  isGatewayForm,
  NDJSON_TYPE,
  whyRefused,
  type Contract,
  type Judgeable,
} from './contract.js';
import type { Operation, Schema, Schemas } from './contract.js';
import * as head from './head-faults.js';

/** The weight of each operation; most can go wrong where payments are created. */
const WEIGHTS: Readonly<Record<string, number>> = {
  createPaymentIntent: 70,
  createRefund: 30,
  createPaymentIntentBatch: 20,
  listPaymentIntents: 20,
  createInGatewayForm: 20,
  createEncryptedInGatewayForm: 20,
};
const WEIGHT = 8;
/** Replaced by other valid values; the other members decide whether a request makes sense. */
const FREE = ['product_name', 'customer', 'metadata', 'source_url', 'reason'];
const AMOUNTS = ['1', '0.01', '11.11', '11.1', '99999999.99', '00012.50', '130.0'];
const TEXT = `Zürich 🎫 naïve ${'x'.repeat(500)}`;

/** A request before it is written. */
export type RequestPlan = Drawn<ReturnType<typeof requests>>;
/** A request as it is sent; `reference` is what it names its payment or refund. */
export type FuzzRequest = Judgeable & { readonly bytes: Buffer; readonly reference: unknown };

/** Values that a JSON schema allows, as far as it says. */
export function valuesOf(part: unknown, schemas: Schemas): fc.Arbitrary<unknown> {
  const schema = resolved(part, schemas);
  const of = (inner: unknown) => valuesOf(inner, schemas);
  const { anyOf: alternatives = schema.oneOf, minimum: min = 0, maximum: max = 1_000 } = schema;
  if (alternatives) return fc.oneof(...alternatives.map(of));
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.type === 'null') return fc.constant(null);
  if (schema.type === 'boolean') return fc.boolean();
  if (schema.type === 'array') return fc.array(of(schema.items), { maxLength: 2 });
  if (schema.type === 'integer') return fc.integer({ min, max });
  return schema.type === 'object' ? objectsOf(schema, of) : textsOf(schema);
}

function resolved(part: unknown, schemas: Schemas): Schema {
  const schema = part as Schema;
  const named = schemas[schema.$ref?.split('/').at(-1) ?? ''];
  return named === undefined ? schema : resolved(named, schemas);
}

function objectsOf(schema: Schema, of: (schema: unknown) => fc.Arbitrary<unknown>) {
  const { properties = {}, required = [], additionalProperties } = schema;
  const members = Object.entries(properties).map(([name, member]) => [name, of(member)] as const);
  const requiredKeys = required.filter((name) => name in properties);
  const options = { requiredKeys, noNullPrototype: true };
  const known = fc.record(Object.fromEntries(members), options);
  if (typeof additionalProperties !== 'object') return known;
  const names = fc.constantFrom('note 1', 'note 2', 'note 3');
  const notes = fc.dictionary(names, of(additionalProperties), { noNullPrototype: true });
  return fc.tuple(known, notes).map(([value, more]) => ({ ...value, ...more }));
}

function textsOf({ pattern, examples = [], minLength = 1, maxLength = 60, format }: Schema) {
  const matching = pattern === undefined ? [] : textsMatching(pattern);
  const known = examples.length > 0 ? [fc.constantFrom(...examples)] : [];
  if (matching.length + known.length > 0) return fc.oneof(...known, ...matching);
  if (format === 'date-time') return fc.constant('2026-11-21T10:00:00Z');
  return fc
    .integer({ min: minLength, max: Math.min(maxLength, TEXT.length) })
    .map((length) => TEXT.slice(0, length).replace(/[\ud800-\udbff]$/, 'x'));
}

/** None for a pattern that fast-check cannot invert, such as one with a lookahead. */
function textsMatching(pattern: string): fc.Arbitrary<string>[] {
  try {
    return [fc.stringMatching(new RegExp(pattern, 'u'))];
  } catch {
    return [];
  }
}

const headFaults = {
  address: rarely(anyOf('address', head.ADDRESS_FAULTS), 16),
  query: rarely(anyOf('query', head.QUERY_FAULTS), 16),
  header: rarely(anyOf('header', head.HEADER_FAULTS), 7),
  frame: rarely(anyOf('frame', head.FRAME_FAULTS), 16),
  wire: rarely(anyOf('wire', head.WIRE_FAULTS), 16),
};
/** None in two of five requests, else some that may hide one another. */
const anyFaults = fc.record({
  ...headFaults,
  isForm: rarely(fc.constant({ name: 'text.form' }), 60),
  value: rarely(anyOf('value', VALUE_FAULTS), 4),
  text: rarely(anyOf('text', TEXT_FAULTS), 9),
});

const faultsFor = (hasBody: boolean): fc.Arbitrary<Partial<Drawn<typeof anyFaults>>> =>
  hasBody ? anyFaults : fc.record(headFaults);

/** Any request of a run. */
export function requests(contract: Contract, world: World) {
  const of = (operation: Operation) => {
    const { parameters = [], requestBody } = operation;
    const queries = parameters
      .filter((parameter) => parameter.in === 'query')
      .map(({ name, schema = {} }) => {
        const values = valuesOf(schema, contract.schemas).map((value) => [String(value)]);
        return rarely(values, 4).map((value = []) =>
          value.map((one) => `${name}=${encodeURIComponent(one)}`),
        );
      });
    const mayWait = parameters.some(({ name }) => name === 'Prefer');
    const drawn = fc.record({
      operation: fc.constant(operation),
      key: rarely(fc.constantFrom(...Object.keys(world.keys)), 4).map((key) => key ?? 'full'),
      id: world.ids(operation),
      query: fc.tuple(...queries).map((query) => query.flat()),
      prefer: mayWait ? rarely(fc.constant('wait=1'), 12) : fc.constant(undefined),
      body: requestBody ? bodies(requestBody, contract, world) : fc.constant(undefined),
      type: fc.constantFrom(...Object.keys(requestBody?.content ?? { [JSON_TYPE]: {} })),
      isEncrypted: operation.path.startsWith('/api/s2s') ? fc.boolean() : fc.constant(false),
      faults: faultsFor(requestBody !== undefined),
    });
    return drawn.map((plan) => ({ ...plan, kinds: namesOf(Object.values(plan.faults)) }));
  };
  return fc.oneof(
    ...contract.operations.map((operation) => {
      const weight = WEIGHTS[operation.operationId] ?? WEIGHT;
      return { weight, arbitrary: of(operation) };
    }),
  );
}

/** The document's examples, with the run's own cards and names and with other valid values. */
function bodies(
  { content }: NonNullable<Operation['requestBody']>,
  { schemas }: Contract,
  { card: { number, cvv }, encryptedCards, taken, terminals, gatewayForm, webhookUrl }: World,
): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  const [{ schema, examples = {} } = { schema: {} }] = Object.values(content);
  const [first = schema] = schema.oneOf ?? [];
  const { properties = {} } = resolved(first, schemas);
  const free = FREE.filter((name) => name in properties).map((name) =>
    rarely(valuesOf(properties[name] ?? {}, schemas), 4).map((value) => [name, value] as const),
  );
  const amounts = rarely(fc.constantFrom(...AMOUNTS), 3);
  const drawn = fc.record({
    example: fc.constantFrom(...Object.values(examples).map(({ value }) => value)),
    own: fc.record({
      terminal: fc.constantFrom(...terminals),
      card_jwe: fc.constantFrom(...encryptedCards),
      card: fc.constant({ number, cvv }),
      ccno: fc.constant(number),
      ccvv: fc.constant(cvv),
      public_key: fc.constant(gatewayForm.publicKey),
      webhook_url: fc.constant(webhookUrl),
      amount: amounts,
      bill_amt: amounts,
    }),
    other: fc.tuple(
      rarely(fc.constantFrom(...taken), 12).map((value) => ['reference', value] as const),
      ...free,
    ),
  });
  return drawn.map(({ example, own, other }) => {
    const { reference: _, ...body } = example as Record<string, unknown>;
    for (const [name, value] of Object.entries(own))
      if (name in body && value !== undefined)
        body[name] = typeof value === 'string' ? value : { ...Object(body[name]), ...value };
    const changes = other.filter(([, value]) => value !== undefined);
    return { ...body, ...Object.fromEntries(changes) };
  });
}

/** Writes a request; `serial` makes its reference a new one. */
export function write(plan: RequestPlan, serial: number, world: World): FuzzRequest {
  const { operation, key, id, query, prefer, faults, isEncrypted } = plan;
  const { isForm, value, text, address, query: otherQuery, header, frame, wire } = faults;
  const { run, host, keys, card, gatewayForm } = world;
  const type = isForm ? FORM_TYPE : plan.type;
  const body = plan.body && { reference: `fz-${run}-${serial}`, ...structuredClone(plan.body) };
  if (body) value?.change(body, body, card);
  const sentBody = isEncrypted ? { encrypted_data: gatewayForm.encrypt(formOf(body)) } : body;
  // A line of a batch has a sound one after it.
  const twin = jsonOf({ ...plan.body, reference: `fz-${run}-${serial}-twin` });
  const tail = type === NDJSON_TYPE ? `\n${twin}\n` : '';
  const plain = Buffer.from((ENCODINGS[type] ?? jsonOf)(sentBody) + tail);
  const bytes = text?.change(plain, plain) ?? plain;
  const path = [operation.path.replaceAll(/\{\w+\}/g, '{id}'), query.join('&')].filter(Boolean);
  const lines = [
    `${operation.method} ${path.join('?')} HTTP/1.1`,
    `host: ${host}`,
    'connection: close',
    body && `content-type: ${type.replace('form-data', '$&; boundary=b')}`,
    prefer && `Prefer: ${prefer}`,
    keys[key] && `Authorization: Bearer ${keys[key]}`,
    body && `content-length: ${bytes.length}`,
  ];
  const sound = [...lines.filter(Boolean), '', bytes.toString('latin1')].join('\r\n');
  const changed = (request: string, change: typeof wire) => change?.change(request) ?? request;
  const addressed = changed(sound, address).replace('{id}', () => id);
  const framed = [otherQuery, header, frame].reduce(changed, addressed);
  const sent = changed(framed, wire).replaceAll(/\{card:(.*?)\}/g, (_, separator: string) =>
    grouped(card.number, separator),
  );
  const [sentHead = '', ...rest] = framed.split('\r\n\r\n');
  // A first chunk of no bytes ends an empty body.
  const isEmpty = /^(?:0;|$)/.test(rest.join());
  return {
    bytes: Buffer.from(sent, 'latin1'),
    reference: body?.reference,
    isGatewayForm: isGatewayForm(operation.path),
    // A flipped bit may have hit the address.
    operation: address || wire?.name === 'wire.flippedBit' ? undefined : operation,
    isHead: framed.startsWith('HEAD '),
    mayBeCut: (frame ?? wire) !== undefined,
    // A change of the whole request may undo what no server may accept.
    mustBeRefused: isEmpty || wire ? undefined : whyRefused(sentHead),
  };
}
