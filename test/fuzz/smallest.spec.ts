// Goal: what is left of an offending input still offends, and nothing in it could be left away. Method: a property over lists, and one
// request.
import fc from 'fast-check';
import { shown, smallestParts, smallestRequest } from './smallest.mjs';

it('leaves exactly what the offence needs', async () => {
  const lists = fc.uniqueArray(fc.nat(), { minLength: 1, maxLength: 60 }).chain((all) =>
    fc.record({
      all: fc.constant(all),
      needed: fc.subarray(all, { minLength: 0, maxLength: Math.min(4, all.length) }),
    }),
  );
  await fc.assert(
    fc.asyncProperty(lists, async ({ all, needed }) => {
      const isBad = (parts: readonly number[]) =>
        Promise.resolve(needed.every((one) => parts.includes(one)));
      expect(await smallestParts(all, isBad, { left: 10_000 })).toEqual(needed);
    }),
  );
});

it('gives up after so many tries, with what it has', async () => {
  const tries = { left: 3 };
  expect(await smallestParts([1, 2, 3, 4], () => Promise.resolve(false), tries)).toHaveLength(4);
  expect(tries.left).toBe(0);
});

it('shortens a request under a length that fits', async () => {
  const head = 'POST /x HTTP/1.1\r\nhost: y\r\naccept: */*\r\ncontent-length: 12\r\n\r\n';
  const isBad = (bytes: Buffer) => {
    const text = bytes.toString();
    const body = text.split('\r\n\r\n')[1] ?? '';
    return Promise.resolve(text.includes(`length: ${body.length}\r\n`) && body.includes('!'));
  };
  const smallest = await smallestRequest(Buffer.from(`${head}abcdef!ghijk`), isBad);
  expect(smallest.toString()).toBe('POST /x HTTP/1.1\r\ncontent-length: 1\r\n\r\n!');
});

it('shows bytes without keys, and not without end', () => {
  expect(shown(Buffer.from('Authorization: Bearer qk_1\r\n\0'))).toBe(
    String.raw`"Authorization: Bearer ***\r\n\u0000"`,
  );
  expect(shown(Buffer.from('{"private_key":"abc"}'))).toBe(String.raw`"{\"private_key\":\"***\"}"`);
  expect(shown(Buffer.alloc(3_000, 'x'))).toMatch(/and 1000 bytes more$/);
});
