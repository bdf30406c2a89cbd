import { referencesOf } from './rounds.js';

it('names the payments of all rounds of a contestant', () => {
  const plan = { tag: '', rounds: 2, count: 2, connections: 1, shared: [] };
  expect(referencesOf('bare', plan)).toEqual([
    's0-bare-1-0',
    's5-bare-1-1',
    's0-bare-2-0',
    's5-bare-2-1',
  ]);
});
