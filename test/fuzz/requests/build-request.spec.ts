// Goal: a seed gives the same requests again, most faults spoil what they should, and a good part of a run is without fault. Method: a
// document of two operations, built from twice.
import { Contract } from './contract.mjs';
import { RequestBuilder } from './build-request.mjs';
import { SchemaValues } from './schema-values.mjs';
import { ValidBodies } from './valid-bodies.mjs';

const body = {
  reference: 'ORD-1',
  terminal: 'main',
  amount: '11.11',
  currency: 'EUR',
  product_name: 'Two tickets',
  customer: { name: 'Dev' },
};
const contract = new Contract({
  paths: {
    '/v1/payment-intents': {
      post: {
        operationId: 'createPaymentIntent',
        parameters: [{ name: 'Prefer', in: 'header' }],
        requestBody: {
          content: {
            'application/json': {
              schema: {
                type: 'object',
                properties: { product_name: { type: 'string', maxLength: 200 } },
              },
              examples: { one: { value: body } },
            },
          },
        },
        responses: {},
      },
    },
    '/v1/refunds/{id}': { get: { operationId: 'getRefund', responses: {} } },
  },
  components: { schemas: {} },
});

function builder(seed: number) {
  const world = {
    run: 'r',
    taken: ['taken'],
    terminals: ['main'],
    host: 'h',
    keys: { full: 'k', none: '' },
    ids: () => 're_1',
  };
  const values = new SchemaValues({}, seed);
  const card = { name: 'a card', number: '4539578763621486', cvv: '987' };
  const bodies = new ValidBodies(['jwe'], { values, world, card });
  return new RequestBuilder(contract, { seed, values, bodies, world, card });
}
const run = (seed: number, count: number) => {
  const one = builder(seed);
  return Array.from({ length: count }, (_, index) => one.build(index));
};

it('builds the same request from the same seed and number, in whatever order', () => {
  const [once, again] = [run(7, 400), builder(7)];
  for (const index of [399, 17, 250, 0])
    expect(again.build(index).bytes).toEqual(once[index]?.bytes);
  const others = run(8, 400).filter(({ bytes }, index) => once[index]?.bytes.equals(bytes));
  expect(others.length).toBeLessThan(200);
});

it('leaves a good part without fault, and has every fault within a short run', () => {
  const requests = run(7, 800);
  const whole = requests.filter(({ faults }) => faults.length === 0);
  expect(whole.length).toBeGreaterThan(200);
  const names = new Set(requests.flatMap(({ faults }) => faults));
  expect(names.size).toBeGreaterThan(70);
  const groups = new Set([...names].map((name) => name.split('.')[0]));
  expect(groups).toEqual(new Set(['address', 'header', 'text', 'value', 'wire']));
});

it('begins with good requests for every operation', () => {
  const first = run(7, 10);
  expect(first.flatMap(({ faults }) => faults)).toEqual([]);
  const names = first.map(({ operationId }) => operationId);
  expect(names.filter((name) => name === 'getRefund')).toHaveLength(5);
});

it('sends what is without fault as HTTP with a body that is JSON', () => {
  const creations = run(7, 300).filter(
    ({ faults, operationId }) => faults.length === 0 && operationId === 'createPaymentIntent',
  );
  expect(creations.length).toBeGreaterThan(50);
  for (const { bytes } of creations) {
    const [head = '', sent = ''] = bytes.toString().split('\r\n\r\n');
    expect(head).toMatch(/^POST \/v1\/payment-intents HTTP\/1\.1\r\nhost: h\r\n/);
    expect(head).toContain(`content-length: ${Buffer.byteLength(sent)}`);
    expect(JSON.parse(sent)).toMatchObject({ terminal: 'main', currency: 'EUR' });
  }
});

it('knows what may not be taken: no body without fault, and every form', () => {
  const requests = run(7, 1_500);
  for (const { faults, mustBeRefused } of requests)
    if (faults.length === 0) expect(mustBeRefused).toBeUndefined();
  const forms = requests.filter(
    ({ faults, operationId }) =>
      operationId === 'createPaymentIntent' && faults.length === 1 && faults[0] === 'header.form',
  );
  expect(forms.length).toBeGreaterThan(2);
  for (const { mustBeRefused } of forms) expect(mustBeRefused).toContain('urlencoded');
});
