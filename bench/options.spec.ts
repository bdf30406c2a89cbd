import { readOptions } from './options.js';

const DEFAULTS = { payments: 5000, connections: 64, rounds: 4, warmUp: 5000, calls: 200 };

it('has a default for each number', () => {
  expect(readOptions([])).toEqual(DEFAULTS);
});

it('profiles several processes', () => {
  const profile = ['api', 'postgres'];
  expect(readOptions(['--profile', 'api', '--profile', 'postgres'])?.profile).toEqual(profile);
});

it('profiles the guarded version if it takes part', () => {
  const options = readOptions(['--guarded', '--profile', 'guarded-worker', '--json']);
  expect(options).toEqual({ ...DEFAULTS, guarded: true, profile: ['guarded-worker'], json: true });
});

it.each([
  [['--payments', '0'], '--payments'],
  [['--rounds', '1.5'], '--rounds'],
  [['--connections', 'many'], '--connections'],
  [['--profile', 'dashboard'], 'dashboard'],
  [['--profile', 'guarded-api'], '--guarded'],
  [['--fast'], '--fast'],
])('refuses %j with the usage', (args, named) => {
  expect(() => readOptions(args)).toThrow(named);
  expect(() => readOptions(args)).toThrow('npm run bench');
});
