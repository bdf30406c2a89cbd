// Goal: a seed gives the same inputs again, and the first one with a problem is shrunk to a small
// one that its path names. Method: numbers as inputs, and an oracle that objects to large ones.
import fc from 'fast-check';
import { Inputs, shown } from './inputs.js';

const processes = { memory: () => Promise.resolve([]) };
const silent = () => undefined;

function inputsOf(seed: number, isBad: (amount: number) => boolean = () => false) {
  const sent: number[] = [];
  const amounts = fc.record({ amount: fc.nat(), kinds: fc.constant(['an amount']) });
  const judge = ({ amount }: { amount: number }) => {
    sent.push(amount);
    return Promise.resolve({ status: 200, ms: 1, problems: isBad(amount) ? ['status 500'] : [] });
  };
  const show = ({ amount }: { amount: number }) => `amount ${amount}`;
  const source = { noun: 'number', arbitrary: amounts, seed, width: 4, judge, show, watched: [] };
  return { inputs: new Inputs(source), sent };
}
const play = (run: ReturnType<typeof inputsOf>, count: number, path?: string) =>
  run.inputs.play(count, path, processes, silent);

it('sends the same inputs for the same seed, and any of them can be drawn alone', async () => {
  const [one, again, other] = [inputsOf(7), inputsOf(7), inputsOf(8)];
  await Promise.all([play(one, 300), play(again, 300), play(other, 300)]);
  expect(again.sent).toEqual(one.sent);
  expect(other.sent).not.toEqual(one.sent);
  expect(inputsOf(7).inputs.drawn(217, 1)).toMatchObject([{ amount: one.sent[217] }]);
  expect(one.inputs.figures).toEqual({
    statuses: { 200: 300 },
    kinds: { 'an amount': 300 },
    slowestMs: 1,
  });
});

it('shrinks the first input with a problem, and replays it by its path', async () => {
  const run = inputsOf(7, (amount) => amount >= 1_000);
  await play(run, 50);
  const last = run.inputs.problems.at(-1) ?? '';
  expect(last).toMatch(/^the smallest number with "status 500" \(an amount\) is amount 1000, /);
  const path = /--path numbers:(\S+)$/.exec(last)?.[1];
  const replayed = inputsOf(7, (amount) => amount >= 1_000);
  await play(replayed, 0, path);
  expect(replayed.sent).toEqual([1_000]);
  expect(replayed.inputs.problems).toEqual(['number 0 (an amount): status 500']);
});

it('admits a problem that does not show a second time', async () => {
  let isFirst = true;
  const run = inputsOf(7, () => isFirst && !(isFirst = false));
  await play(run, 5);
  expect(run.inputs.problems.at(-1)).toMatch(/did not show "status 500" a second time/);
});

it('shows bytes without keys, and not without end', () => {
  expect(shown(Buffer.from('Authorization: Bearer qk_1\r\n\0'))).toBe(
    String.raw`"Authorization: Bearer ***\r\n\u0000"`,
  );
  expect(shown(Buffer.from('{"private_key":"abc"}'))).toBe(String.raw`"{\"private_key\":\"***\"}"`);
  expect(shown(Buffer.alloc(3_000, 'x'))).toMatch(/and 1000 bytes more$/);
});
