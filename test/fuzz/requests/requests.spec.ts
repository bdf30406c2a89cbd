// Goal: requests have every fault and are often sound, and the judge of answers finds what it is
// meant to find. Method: a document of two operations; answers with one thing wrong a row.
import fc from 'fast-check';
import { readDecryptedQuery, readParameters } from '@quittance/gateway-protocol';
import { requests, valuesOf, write } from './arbitraries.js';
import { Contract } from './contract.js';
import { FRAME_FAULTS } from './head-faults.js';

const PAYMENT = {
  reference: 'R',
  terminal: 'main',
  amount: '11.11',
  currency: 'EUR',
  product_name: 'Two',
};
const json = (name: string, type = 'application/json') => ({
  content: { [type]: { schema: { $ref: `#/components/schemas/${name}` } } },
});
const document: ConstructorParameters<typeof Contract>[0] = {
  paths: {
    '/v1/payment-intents': {
      post: {
        operationId: 'createPaymentIntent',
        parameters: [{ name: 'Prefer', in: 'header' }],
        requestBody: {
          content: {
            'application/json': {
              schema: { properties: { product_name: { type: 'string', maxLength: 200 } } },
              examples: { one: { value: { ...PAYMENT, customer: { name: 'Dev' } } } },
            },
          },
        },
        responses: { 200: json('Thing'), 422: json('Problem', 'application/problem+json') },
      },
    },
    '/v1/refunds/{id}': { get: { operationId: 'getRefund', responses: {} } },
  },
  components: {
    schemas: {
      Thing: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } },
      Problem: { type: 'object', required: ['code'], properties: { code: { type: 'string' } } },
    },
  },
};
const contract = new Contract(document);
const world = {
  run: 'r',
  accepted: [],
  pausedTerminal: 'paused',
  host: 'h',
  keys: { full: 'k', none: '' },
  taken: ['taken'],
  terminals: ['main'],
  card: { name: 'a card', number: '4539578763621486', cvv: '987' },
  encryptedCards: ['jwe'],
  gatewayForm: { publicKey: 'p', encrypt: (query: string) => query },
  webhookUrl: 'http://x/',
  ids: () => fc.constant('re_1'),
};
const plans = (numRuns: number) => fc.sample(requests(contract, world), { seed: 7, numRuns });
const drawn = (numRuns: number) =>
  plans(numRuns).map((plan, serial) => ({ ...plan, ...write(plan, serial, world) }));
const [operation] = contract.operations;

it('leaves a good part without fault, and has every fault within a short run', () => {
  const run = drawn(1_500);
  expect(run.filter(({ kinds }) => kinds.length === 0).length).toBeGreaterThan(200);
  const names = new Set(run.flatMap(({ kinds }) => kinds));
  expect(names.size).toBe(60);
});

it('sends what is without fault as HTTP with a body that is JSON', () => {
  const sound = drawn(300).filter(({ kinds, body }) => kinds.length === 0 && body);
  expect(sound.length).toBeGreaterThan(50);
  for (const { bytes, mustBeRefused } of sound) {
    expect(mustBeRefused).toBeUndefined();
    const [head = '', body = ''] = bytes.toString().split('\r\n\r\n');
    expect(head).toMatch(/^POST \/v1\/payment-intents HTTP\/1\.1\r\nhost: h\r\n/);
    expect(head).toContain(`content-length: ${Buffer.byteLength(body)}`);
    expect(JSON.parse(body)).toMatchObject({ terminal: 'main', currency: 'EUR' });
  }
});

it('knows that no server may accept a form', () => {
  const forms = drawn(2_000).filter(({ kinds }) => kinds.join() === 'text.form');
  expect(forms.length).toBeGreaterThan(2);
  for (const { mustBeRefused } of forms) expect(mustBeRefused).toContain('urlencoded');
});

it('writes the gateway’s form in each of its encodings', () => {
  const types = ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data'];
  const media = { schema: {}, examples: { one: { value: { public_key: 'k', ccno: '1' } } } };
  const content = Object.fromEntries(types.map((type) => [type, media]));
  const post = { operationId: 'create', requestBody: { content }, responses: {} };
  const form = new Contract({ ...document, paths: { '/api/s2s': { post } } });
  const plansOfForm = fc.sample(requests(form, world), { seed: 7, numRuns: 200 });
  const sound = plansOfForm.filter(({ kinds }) => kinds.length === 0);
  expect(new Set(sound.map(({ type, isEncrypted }) => `${type} ${isEncrypted}`)).size).toBe(6);
  for (const [serial, plan] of sound.entries()) {
    const { bytes, mustBeRefused, isGatewayForm } = write(plan, serial, world);
    const [head = '', ...rest] = bytes.toString().split('\r\n\r\n');
    const contentType = /content-type: (.*)/.exec(head)?.[1] ?? '';
    const source = { method: 'POST', contentType, body: rest.join('\r\n\r\n') };
    const outer = readParameters({ ...source, query: '' });
    const inner = readDecryptedQuery(outer.get('encrypted_data') ?? '');
    const { number } = world.card;
    expect(Object.fromEntries(plan.isEncrypted ? inner : outer)).toEqual({
      public_key: 'p',
      ccno: number,
      reference: plan.body?.['reference'] ?? `fz-r-${serial}`,
    });
    expect([mustBeRefused, isGatewayForm]).toEqual([undefined, true]);
  }
});

it('does not take an empty chunk for a body', () => {
  const bodyless = plans(200).filter(({ kinds, body }) => kinds.length === 0 && !body);
  const chunks = fc.sample(FRAME_FAULTS['chunks'] ?? fc.constant(String), 50);
  const written = bodyless.flatMap((plan) =>
    chunks.map((change) => {
      const frame = { name: 'frame.chunks', change };
      return write({ ...plan, faults: { ...plan.faults, frame } }, 0, world);
    }),
  );
  const empty = written.filter(({ bytes }) => /\r\n\r\n0;x=y\r\n/.test(bytes.toString()));
  expect(empty.length).toBeGreaterThan(10);
  for (const { mustBeRefused } of empty) expect(mustBeRefused).toBeUndefined();
});

it('draws values that a schema allows', () => {
  const schema = {
    type: 'object',
    required: ['code'],
    properties: {
      code: { type: 'string', pattern: '^[A-Z]{3}$' },
      count: { type: 'integer', maximum: 5 },
    },
  };
  for (const value of fc.sample(valuesOf(schema, {}), 50))
    expect(contract.faultOf('Thing', { id: JSON.stringify(value) })).toBeUndefined();
  const values = fc.sample(valuesOf(schema, {}), 50) as { code: string; count?: number }[];
  expect(values.every(({ code, count = 0 }) => /^[A-Z]{3}$/.test(code) && count <= 5)).toBe(true);
});

it('sends a sound line of a batch after another one', () => {
  const media = { schema: {}, examples: { one: { value: PAYMENT } } };
  const requestBody = { content: { 'application/x-ndjson': media } };
  const post = { operationId: 'createBatch', requestBody, responses: {} };
  const batches = new Contract({ ...document, paths: { '/v1/payment-intents/batch': { post } } });
  const plansOfBatches = fc.sample(requests(batches, world), { seed: 7, numRuns: 50 });
  const [plan] = plansOfBatches.filter(({ kinds }) => kinds.join() === 'value.null');
  if (plan === undefined) throw new Error('no plan has such a fault');
  const [, body = ''] = write(plan, 0, world).bytes.toString().split('\r\n\r\n');
  const [first = '', second = '', ...more] = body.split('\n');
  expect([JSON.parse(first), more]).toEqual([expect.not.objectContaining(PAYMENT), ['']]);
  expect(JSON.parse(second)).toMatchObject({ terminal: 'main', reference: 'fz-r-0-twin' });
});

const TYPE = 'application/json; charset=utf-8';
const RIGHT = { ended: 'answered', ms: 5, status: 200, type: TYPE, text: '{"id":"a"}' } as const;
const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';
const PROBLEM = { ...RIGHT, status: 422, type: PROBLEM_TYPE, text: '{"code":"x"}' };
/** Of a request that an address fault moved out of the document. */
const GATEWAY_FORM = { operation: undefined, isGatewayForm: true };
const UNKNOWN = { ...RIGHT, status: 504, text: '{"status":"error","error":"outcome_unknown"}' };

it.each([
  ['a documented one', { operation }, RIGHT],
  ['a documented problem', { operation }, PROBLEM],
  ['one that every operation shares', { operation }, { ...PROBLEM, status: 413 }],
  ['a problem outside of the document', { operation: undefined }, { ...PROBLEM, status: 404 }],
  ['a cut where it is allowed', { operation, mayBeCut: true }, { ended: 'cut', ms: 1 } as const],
  ['a refusal', { operation, mustBeRefused: 'a form' }, PROBLEM],
  ['a problem at the gateway’s addresses', GATEWAY_FORM, { ...PROBLEM, status: 405 }],
  ['an error there', GATEWAY_FORM, { ...RIGHT, status: 400, text: '{"error_number":"1111"}' }],
  ['an unknown outcome there', GATEWAY_FORM, UNKNOWN],
])('finds nothing wrong with an answer: %s', (_, request, answer) => {
  expect(contract.problems(request, answer)).toEqual([]);
});

it.each([
  ['a fault of ours', { ...PROBLEM, status: 500 }, /status 500/],
  ['an unavailable one', { ...PROBLEM, status: 503 }, /status 503/],
  ['an undocumented status', { ...RIGHT, status: 201 }, /201 is not documented/],
  ['a body that breaks its schema', { ...RIGHT, text: '{"id":1}' }, /must be string/],
  ['a body without a required member', { ...RIGHT, text: '{}' }, /required property 'id'/],
  ['no JSON', { ...RIGHT, text: '<html>' }, /no JSON/],
  ['another content type', { ...RIGHT, type: 'text/html' }, /content type text\/html/],
  ['a problem in no form', { ...PROBLEM, type: undefined, text: '' }, /content type undefined/],
  ['a hang', { ended: 'late', ms: 12_000 }, /no answer within 12 s/],
  ['a crash', { ended: 'cut', ms: 1 }, /closed without an answer/],
  ['no status', { ...RIGHT, status: Number.NaN }, /no status/],
] as const)('finds %s', (_, answer, problem) => {
  expect(contract.problems({ operation }, answer).join()).toMatch(problem);
});

it.each([
  ['a fault of ours', { ...UNKNOWN, status: 500 }, /status 500/],
  ['an error in no form', { ...RIGHT, status: 400 }, /required property 'error'/],
])('finds %s at the gateway’s addresses', (_, answer, problem) => {
  expect(contract.problems(GATEWAY_FORM, answer).join()).toMatch(problem);
});

it('finds problems outside of the document, hangs of cut requests, and acceptance', () => {
  const noCode = { ...PROBLEM, status: 404, text: '{}' };
  expect(contract.problems({ operation: undefined }, noCode)).toHaveLength(1);
  const late = { ended: 'late', ms: 12_000 } as const;
  expect(contract.problems({ operation, mayBeCut: true }, late)).toHaveLength(1);
  const accepted = contract.problems({ operation, mustBeRefused: 'a form' }, RIGHT);
  expect(accepted).toEqual(['a form was answered 200']);
});
