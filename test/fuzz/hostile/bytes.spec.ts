// Goal: changes fit JSON, forms and any value, and cost little on the largest body. Method: samples
// of each.
import fc from 'fast-check';
import { textChanges } from './bytes.js';
import { MEMBER_CHANGES } from './members.js';

const changes = textChanges([], fc.constant('"1"'));
const results = (name: string, body: string) =>
  fc
    .sample(changes[name] ?? fc.constant((bytes: Buffer) => bytes), { seed: 7, numRuns: 20 })
    .map((change) => change(Buffer.from(body), Buffer.from('other')).toString());

it('names a member of JSON or of a form twice', () => {
  const json = results('duplicateName', '{"amount":"2"}');
  expect(new Set(json)).toEqual(
    new Set(['{"amount":"1","amount":"2"}', '{"amount":"2","amount":"1"}']),
  );
  expect(new Set(results('duplicateName', 'amount=2'))).toEqual(new Set(['amount=2&amount=1']));
});

it('retypes a member that has no primitive value', () => {
  const changed = MEMBER_CHANGES['retyped'] ?? fc.constant(() => undefined);
  const bodies = fc.sample(changed, { seed: 7, numRuns: 20 }).map((change) => {
    const body = { a: { toString: 1 } };
    change(body, body);
    return body;
  });
  expect(bodies).toContainEqual({ a: '{"toString":1}' });
});

it('makes no circle, however many changes meet in a body', () => {
  const all = fc.oneof(...Object.values(MEMBER_CHANGES));
  const bodies = fc.sample(fc.array(all, { minLength: 3, maxLength: 6 }), {
    seed: 7,
    numRuns: 3_000,
  });
  for (const changesOfBody of bodies) {
    const body = { a: {}, b: { c: 1 } };
    for (const change of changesOfBody) change(body, { d: {} });
    expect(() => JSON.stringify(body)).not.toThrow();
  }
});

it('puts escapes into texts of JSON and of a form', () => {
  expect(results('escapes', '{"a":"b"}')).toContain(String.raw`{"a":"\ud83cb"}`);
  expect(results('escapes', 'a=b')).toContain('a=%E0%A4%Ab');
});

it.each(Object.keys(changes))('changes a body of a megabyte at once: %s', (name) => {
  const startedAt = performance.now();
  results(name, `{"pad":"${'x'.repeat(1_000_000)}"}`);
  expect(performance.now() - startedAt).toBeLessThan(10_000);
});
