// Goal: the document is complete and consistent with the code. Method: read it; other tests call
// the running api.
import { readFileSync } from 'node:fs';
import { eventStatuses } from '@quittance/events';
import { paymentStatuses, statusToWire } from '@quittance/payments';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { createPaymentSchema } from '../payments/create-payment.schema.js';
import { openApiDocument } from './document.js';
import { createExample, succeededExample, walletExample } from './examples.js';

const document = openApiDocument();

function* nodesOf(value: unknown): Generator<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield value as Record<string, unknown>;
  for (const child of Object.values(value)) yield* nodesOf(child);
}

function validatorOf(name: string) {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ $id: 'api', components: document.components });
  return ajv.compile({ $ref: `api#/components/schemas/${name}` });
}

describe('the OpenAPI document', () => {
  it('refers only to its own schemas', () => {
    const refs = [...nodesOf(document)]
      .map(({ $ref }) => $ref)
      .filter((ref) => typeof ref === 'string');
    const known = Object.keys(document.components.schemas).map(
      (name) => `#/components/schemas/${name}`,
    );
    expect(refs.length).toBeGreaterThan(20);
    expect(refs.filter((ref) => !known.includes(ref))).toEqual([]);
  });

  it('uses each of its schemas, in an operation, in a job or in another schema', () => {
    const refs = new Set([...nodesOf(document)].map(({ $ref }) => $ref));
    const unused = Object.keys(document.components.schemas).filter(
      (name) => !refs.has(`#/components/schemas/${name}`),
    );
    expect(unused).toEqual([]);
  });

  it('names every operation once', () => {
    const ids = Object.values(document.paths).flatMap((operations) =>
      Object.values(operations).map(({ operationId }) => operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('has exactly the statuses of the status machine', () => {
    expect([...eventStatuses].toSorted()).toEqual(paymentStatuses.map(statusToWire).toSorted());
  });

  it.each([
    ['card', createExample],
    ['wallet', walletExample],
  ])('shows a %s request that is accepted', (_name, example) => {
    expect(createPaymentSchema.safeParse(example).success).toBe(true);
    expect(validatorOf('CreatePaymentIntent')(example)).toBe(true);
  });

  it('shows a payment in the form of the responses', () => {
    expect(validatorOf('PaymentIntent')(succeededExample)).toBe(true);
  });

  it.each(['amount', 'reference', 'currency', 'card', 'method'])(
    'describes %s so that the schema alone rejects an invalid one',
    (field) => {
      const isRequest = validatorOf('CreatePaymentIntent');
      expect(isRequest({ ...createExample, [field]: '!' })).toBe(false);
    },
  );

  it('has the operations that docs/api.md lists, in addition to those of every process', () => {
    const page = readFileSync(new URL('../../../../docs/api.md', import.meta.url), 'utf8');
    const [, section = ''] = /^## Operations$(.*?)^## /ms.exec(page) ?? [];
    const rows = [...section.matchAll(/^\| `([A-Z]+ \/\S+)`/gm)];
    const listed = rows.map(([, operation = '']) => operation);
    const served = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const ofEveryProcess = ['GET /livez', 'GET /readyz', 'GET /metrics'];
    expect([...listed, ...ofEveryProcess].toSorted()).toEqual(served.toSorted());
  });
});
