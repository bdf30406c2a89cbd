// Goal: a key is read as its draft says, or rejected. Method: a table, and UUIDs.
import fc from 'fast-check';
import { idempotencyKeyOf } from './idempotency-key.js';

it.each<[header: string | string[] | undefined, key: string | undefined]>([
  [undefined, undefined],
  ['"8e03978e-40d5-43e8-bc93-6894a57f9324"', '8e03978e-40d5-43e8-bc93-6894a57f9324'],
  ['8e03978e-40d5-43e8-bc93-6894a57f9324', '8e03978e-40d5-43e8-bc93-6894a57f9324'],
  [' "a key" ', 'a key'],
  ['"say \\"hi\\" \\\\"', 'say "hi" \\'],
  [['"one"'], 'one'],
  [`"${'k'.repeat(255)}"`, 'k'.repeat(255)],
])('%j is %j', (header, key) => expect(idempotencyKeyOf(header)).toBe(key));

it.each([
  '',
  '""',
  '"',
  '"a',
  'a b',
  '"a";b=1',
  '"a", "b"',
  '"é"',
  '"\\a"',
  `"${'k'.repeat(256)}"`,
  'k'.repeat(256),
])('%j is rejected', (header) =>
  expect(() => idempotencyKeyOf(header)).toThrow('must be one string of 1 to 255 characters'),
);

it('two headers are rejected', () => {
  expect(() => idempotencyKeyOf(['"one"', '"two"'])).toThrow('must be one string');
});

it.each([
  '4012000033330026',
  '"4012 0000 3333 0026"',
  'key-4012000033330026-1',
  '4012-0000-3333-0026',
])('a card number is rejected and not repeated: %s', (header) => {
  const reject = () => idempotencyKeyOf(header);
  expect(reject).toThrow('must not contain a card number');
  expect(reject).not.toThrow(/3333/);
});

it('no UUID is taken for a card number', () => {
  fc.assert(
    fc.property(fc.uuid(), (uuid) => expect(idempotencyKeyOf(uuid)).toBe(uuid)),
    {
      numRuns: 2_000,
    },
  );
});
