import fc from 'fast-check';
import { z } from 'zod';
import { InvalidRequest } from '../faults.js';
import { parseRequest } from './schema-pipe.js';

function faultsOf(schema: z.ZodType, value: unknown) {
  try {
    parseRequest(schema, value);
  } catch (error) {
    if (error instanceof InvalidRequest) return error.errors ?? [];
    throw error;
  }
  return [];
}

describe('what a schema finds', () => {
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
    ['off the pattern', z.string().regex(/^\d+$/), 'ab', '', 'invalid_format'],
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
      'a field of no use',
      z.strictObject({ a: z.strictObject({}) }),
      { a: { x: 1 } },
      'a.x',
      'unknown_field',
    ],
    ['a name sent as a value', z.strictObject({}), { n4012000033330026: 1 }, 'n…', 'unknown_field'],
    ['a bad name', z.record(z.string().max(1), z.int()), { ab: 1 }, 'ab', 'invalid_name'],
    ['none of several forms', z.union([z.int(), z.boolean()]), 'x', '', 'invalid'],
  ];

  it.each(cases)('is told with its path and code: %s', (_, schema, value, path, code) => {
    expect(faultsOf(schema, value)).toEqual([
      { path, code, message: expect.any(String) as string },
    ]);
  });

  it('is told all at once', () => {
    const schema = z.strictObject({ a: z.string(), b: z.int() });
    const value = { b: 'x', c: 1, d: 2 };
    expect(faultsOf(schema, value).map(({ path }) => path)).toEqual(['a', 'b', 'c', 'd']);
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

  it('is nothing for a value that fits, which comes out parsed', () => {
    const schema = z.object({ limit: z.coerce.number().default(20) });
    expect(parseRequest(schema, {})).toEqual({ limit: 20 });
    expect(parseRequest(schema, { limit: '5' })).toEqual({ limit: 5 });
  });
});
