import fc from 'fast-check';
import { z } from 'zod';
import { InvalidRequest } from '@quittance/platform';
import { parseRequest } from './schema-faults.js';

function faultsOf(schema: z.ZodType, value: unknown) {
  try {
    parseRequest(schema, value);
  } catch (error) {
    if (error instanceof InvalidRequest) return error.errors ?? [];
    throw error;
  }
  return [];
}

describe('a fault', () => {
  const cases: readonly (readonly [string, z.ZodType, unknown, string, string])[] = [
    ['a missing field', z.object({ a: z.string() }), {}, 'a', 'required'],
    [
      'a missing field of a field',
      z.object({ a: z.object({ b: z.int() }) }),
      { a: {} },
      'a.b',
      'required',
    ],
    ['a missing body', z.object({}), undefined, '', 'wrong_type'],
    ['null', z.object({ a: z.string() }), { a: null }, 'a', 'wrong_type'],
    ['another type', z.object({ a: z.string() }), { a: 1 }, 'a', 'wrong_type'],
    ['an entry of a list', z.array(z.int()), [1, 'x'], '1', 'wrong_type'],
    ['too short', z.string().min(3), 'ab', '', 'too_small'],
    ['too long', z.string().max(1), 'ab', '', 'too_big'],
    ['does not match the pattern', z.string().regex(/^\d+$/), 'ab', '', 'invalid_format'],
    ['not listed', z.enum(['a']), 'b', '', 'not_allowed'],
    ['a broken rule', z.string().refine(() => false), 'b', '', 'invalid'],
    [
      'a broken rule with a name',
      z.string().refine(() => false, { params: { code: 'checksum' } }),
      'b',
      '',
      'checksum',
    ],
    [
      'an unknown field',
      z.strictObject({ a: z.strictObject({}) }),
      { a: { x: 1 } },
      'a.…',
      'unknown_field',
    ],
    ['a name sent as a value', z.strictObject({}), { n4012000033330026: 1 }, '…', 'unknown_field'],
    ['a bad name', z.record(z.string().max(1), z.int()), { ab: 1 }, '…', 'invalid_name'],
    [
      'a value under a member name of the caller',
      z.object({ notes: z.record(z.string(), z.string()).optional() }),
      { notes: { x: 1 } },
      'notes.…',
      'wrong_type',
    ],
    [
      'a field within wrappers',
      z.object({ a: z.preprocess((v) => v, z.object({ b: z.int() }).nullish()).default(null) }),
      { a: { b: 'x' } },
      'a.b',
      'wrong_type',
    ],
    [
      'a field of an entry',
      z.object({ list: z.array(z.strictObject({ b: z.int() })) }),
      { list: [{ b: 1 }, { b: 1, c: 2 }] },
      'list.1.…',
      'unknown_field',
    ],
    [
      'a name that every object inherits',
      z.strictObject({}),
      { constructor: 1 },
      '…',
      'unknown_field',
    ],
    ['none of several forms', z.union([z.int(), z.boolean()]), 'x', '', 'invalid'],
  ];

  it.each(cases)('has its path and code: %s', (_, schema, value, path, code) => {
    expect(faultsOf(schema, value)).toEqual([
      { path, code, message: expect.any(String) as string },
    ]);
  });

  it('is reported together with all others', () => {
    const schema = z.strictObject({ a: z.string(), b: z.int() });
    const value = { b: 'x', c: 1, d: 2 };
    expect(faultsOf(schema, value).map(({ path }) => path)).toEqual(['a', 'b', '…']);
  });

  it('is one entry for all unknown members of an object, with the known names', () => {
    const schema = z.strictObject({ a: z.string(), b: z.strictObject({ c: z.int() }) });
    const many = Object.fromEntries(Array.from({ length: 9_000 }, (_, at) => [`k${at}`, 1]));
    expect(faultsOf(schema, { a: 'x', b: { c: 1, d: 2 }, ...many })).toEqual([
      { path: 'b.…', code: 'unknown_field', message: 'A field is unknown; known fields are c.' },
      {
        path: '…',
        code: 'unknown_field',
        message: '9000 fields are unknown; known fields are a, b.',
      },
    ]);
  });

  it.each<[z.ZodType, unknown, string]>([
    [z.string(), 1, 'Must be a text.'],
    [z.int(), 'x', 'Must be a number.'],
    [z.int(), 1.5, 'Must be a whole number.'],
    [z.number(), '1', 'Must be a number.'],
    [z.boolean(), '1', 'Must be true or false.'],
    [z.object({}), [], 'Must be an object.'],
    [z.array(z.int()), {}, 'Must be a list.'],
    [z.string().min(3), 'ab', 'Must be at least 3 characters long.'],
    [z.string().max(1), 'ab', 'Must be at most 1 characters long.'],
    [z.number().gt(3), 3, 'Must be more than 3.'],
    [z.array(z.int()).max(1), [1, 2], 'Must have at most 1 entries.'],
    [z.enum(['a', 'b']), 'c', 'Must be one of a, b.'],
    [z.string().regex(/^a$/), 'b', 'Must have the form that the API documents.'],
    [z.number().multipleOf(5), 3, 'Must be a multiple of 5.'],
    [z.union([z.int(), z.boolean()]), 'x', 'Must have one of the forms that the API documents.'],
    [z.string().refine(() => false), 'x', 'Is not accepted here.'],
    [z.string().max(1, 'A message of its own.'), 'ab', 'A message of its own.'],
  ])('has our message: %#', (schema, value, message) => {
    expect(faultsOf(schema, value)).toMatchObject([{ message }]);
  });

  it('never repeats a name that is not the schema’s own', () => {
    const inner = z.strictObject({ a: z.record(z.string().max(3), z.int()).optional() });
    const schema = z.strictObject({ a: inner.optional(), b: z.array(inner).optional() });
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Z0-9 -]{6,20}$/), (name) => {
        const values = [
          { [name]: 1 },
          { a: { [name]: 1 } },
          { a: { a: { [name]: 'x' } } },
          { a: { a: { [name]: 1 } } },
          { b: [{ a: { [name]: {} } }] },
          { b: { [name]: 1 } },
          { a: [name] },
        ];
        for (const value of values) {
          const faults = faultsOf(schema, value);
          expect(faults).not.toEqual([]);
          expect(JSON.stringify(faults)).not.toContain(name);
        }
      }),
    );
  });

  it('never repeats a value', () => {
    const schema = z.strictObject({
      a: z.string().max(2),
      b: z.enum(['x']),
      c: z.int(),
      d: z.url(),
      e: z.union([z.literal('y'), z.int()]),
    });
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Z]{12}$/), (value) => {
        const faults = faultsOf(schema, { a: value, b: value, c: value, d: value, e: value });
        expect(faults).toHaveLength(5);
        expect(JSON.stringify(faults)).not.toContain(value);
      }),
    );
  });

  it('is absent for a valid value, which is returned parsed', () => {
    const schema = z.object({ limit: z.coerce.number().default(20) });
    expect(parseRequest(schema, {})).toEqual({ limit: 20 });
    expect(parseRequest(schema, { limit: '5' })).toEqual({ limit: 5 });
  });
});
