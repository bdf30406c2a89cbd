import { readOptions } from './options.js';

describe('the options of the bench', () => {
  it('have defaults for everything', () => {
    expect(readOptions([])).toEqual({
      help: false,
      json: false,
      guarded: false,
      profile: [],
      payments: 5000,
      connections: 64,
      rounds: 4,
      warmUp: 5000,
      calls: 200,
    });
  });

  it('take several processes to profile', () => {
    const { profile } = readOptions(['--profile', 'api', '--profile', 'postgres']);
    expect(profile).toEqual(['api', 'postgres']);
  });

  it('let the guarded version take part, and be profiled then', () => {
    const { guarded, profile } = readOptions(['--guarded', '--profile', 'guarded-worker']);
    expect(guarded).toBe(true);
    expect(profile).toEqual(['guarded-worker']);
  });

  it.each([
    [['--payments', '0'], '--payments'],
    [['--rounds', '1.5'], '--rounds'],
    [['--connections', 'many'], '--connections'],
    [['--profile', 'dashboard'], 'dashboard'],
    [['--profile', 'guarded-api'], '--guarded'],
    [['--fast'], '--fast'],
  ])('refuse %j and show the usage', (args, named) => {
    expect(() => readOptions(args)).toThrow(named);
    expect(() => readOptions(args)).toThrow('npm run bench');
  });
});
