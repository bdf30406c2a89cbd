// Goal: a caller reads our words about a fault, never those of the library that checks requests.
// Method: every member of every schema that checks a request gets every kind of wrong value.
import { cardSchema } from '@quittance/cards';
import { checkAgainst } from '@quittance/server';
import { z } from 'zod';
import { listEventsQuery } from '../events/list-events-query.js';
import { createPaymentSchema } from '../payments/create-payment.schema.js';
import { knownVersionQuery } from '../payments/known-version-query.js';
import { listPaymentsQuery } from '../payments/payment-listing.js';
import { createRefundSchema } from '../refunds/create-refund.schema.js';
import { listPaymentRefundsQuery, listRefundsQuery } from '../refunds/refund-listing.js';

const SCHEMAS: Readonly<Record<string, z.ZodObject>> = {
  createPaymentSchema,
  cardSchema,
  createRefundSchema,
  listPaymentsQuery,
  listRefundsQuery,
  listPaymentRefundsQuery,
  listEventsQuery,
  knownVersionQuery,
};

type Path = readonly string[];

/** Returns the objects inside the wrappers of a schema. */
function objectsIn(schema: z.core.$ZodType): z.core.$ZodObject[] {
  const {
    _zod: { def },
  } = schema as z.core.$ZodTypes;
  switch (def.type) {
    case 'object':
      return [schema as z.core.$ZodObject];
    case 'pipe':
      return [def.in, def.out].flatMap(objectsIn);
    case 'optional':
    case 'nullable':
    case 'default':
      return objectsIn(def.innerType);
    case 'union':
      return def.options.flatMap(objectsIn);
    default:
      return [];
  }
}

/** Returns the paths of all members, at any depth. */
function pathsIn(schema: z.core.$ZodType, to: Path = []): Path[] {
  return objectsIn(schema).flatMap(({ _zod: { def } }) =>
    Object.entries(def.shape).flatMap(([name, member]) => {
      const path = [...to, name];
      return [path, ...pathsIn(member, path)];
    }),
  );
}

const WRONG: readonly unknown[] = [
  undefined,
  null,
  0,
  -1.5,
  Number.MAX_VALUE,
  true,
  '',
  ' ',
  'x',
  '\0',
  '9'.repeat(3_000),
  [],
  [1],
  {},
  { x: 1 },
  { ['y'.repeat(100)]: 1 },
];

function holding(value: unknown, [name, ...rest]: Path): unknown {
  return name === undefined ? value : { [name]: holding(value, rest) };
}

function faultsOf(schema: z.ZodType, value: unknown) {
  const checked = checkAgainst(schema, value);
  return checked.isValid ? [] : checked.faults;
}

const ITS_WORDS =
  /invalid input|invalid option|invalid string|expected|received|unrecognized|too (?:big|small)/i;
const OURS =
  /^(?:Must |This field is required\.|A field is unknown|\d+ fields are unknown|A member name )/;

describe.each(Object.entries(SCHEMAS))('the faults of %s', (_, schema) => {
  const paths = pathsIn(schema);

  it('are in our words, whatever is wrong', () => {
    expect(paths.length).toBeGreaterThan(0);
    for (const path of [[], ...paths]) {
      for (const value of WRONG) {
        for (const { message } of faultsOf(schema, holding(value, path))) {
          expect(message).not.toMatch(ITS_WORDS);
          expect(message).toMatch(OURS);
          expect(message).toMatch(/\.$/);
        }
      }
    }
  });

  it('name every absent member as required', () => {
    const required = Object.entries(schema.shape).flatMap(([name, member]) =>
      (member as z.ZodType).safeParse(undefined).success ? [] : [name],
    );
    const faults = faultsOf(schema, {}).map(({ path, code }) => `${path} ${code}`);
    expect(faults).toEqual(required.map((name) => `${name} required`));
  });
});
