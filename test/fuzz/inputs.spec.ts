// Goal: a seed gives the same inputs again, and the first one with a problem is shrunk to a small
// one that its path names. Method: numbers as inputs, and an oracle that objects to large ones.
import fc from 'fast-check';
import { Inputs, shown } from './inputs.js';

const processes = { memory: () => Promise.resolve([]) };

function inputsOf(seed: number, isBad = (_: number) => false) {
  const sent: number[] = [];
  const amounts = fc.record({ amount: fc.nat(), kinds: fc.constant(['an amount']) });
  const judge = ({ amount }: { amount: number }) => {
    sent.push(amount);
    return Promise.resolve({ status: 200, ms: 1, problems: isBad(amount) ? ['status 500'] : [] });
  };
  const show = ({ amount }: { amount: number }) => `amount ${amount}`;
  const source = { noun: 'number', arbitrary: amounts, seed, width: 4, judge, show, watched: [] };
  const play = async (count: number, path?: string) => {
    const inputs = new Inputs({ ...source, processes, say: () => undefined, count, path });
    await inputs.play();
    return inputs;
  };
  return { play, sent };
}

it('sends the same inputs for the same seed, and any of them can be sent alone', async () => {
  const [one, again, other, alone] = [7, 7, 8, 7].map((seed) => inputsOf(seed));
  const inputs = await one?.play(300);
  await Promise.all([again?.play(300), other?.play(300), alone?.play(0, '217')]);
  expect(again?.sent).toEqual(one?.sent);
  expect(other?.sent).not.toEqual(one?.sent);
  expect(alone?.sent).toEqual([one?.sent[217]]);
  expect(inputs?.figures).toMatchObject({
    'answered 200': 300,
    'kinds of faults, mutations': 1,
    'slowest answer, ms': 1,
  });
});

it('shrinks the first input with a problem, and replays it by its path', async () => {
  const { problems } = await inputsOf(7, (amount) => amount >= 1_000).play(50);
  const last = problems.at(-1) ?? '';
  expect(last).toMatch(/^the smallest number with "status 500" \(an amount\) is amount 1000, /);
  const path = /--path numbers:(\S+)$/.exec(last)?.[1];
  const replay = inputsOf(7, (amount) => amount >= 1_000);
  const replayed = await replay.play(0, path);
  expect(replay.sent).toEqual([1_000]);
  expect(replayed.problems).toEqual(['number 0 (an amount): status 500']);
});

it('admits a problem that does not show a second time', async () => {
  let isFirst = true;
  const { problems } = await inputsOf(7, () => isFirst && !(isFirst = false)).play(5);
  expect(problems.at(-1)).toMatch(/did not show "status 500" a second time/);
});

it('shows bytes without keys, and not without end', () => {
  expect(shown(Buffer.from('Authorization: Bearer qk_1\r\n\0'))).toBe(
    String.raw`"Authorization: Bearer ***\r\n\u0000"`,
  );
  expect(shown(Buffer.from('{"private_key":"abc"}'))).toBe(String.raw`"{\"private_key\":\"***\"}"`);
  expect(shown(Buffer.alloc(3_000, 'x'))).toMatch(/and 1000 bytes more$/);
});
