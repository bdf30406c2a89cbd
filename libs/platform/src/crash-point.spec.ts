import { setImmediate as nextTurn } from 'node:timers/promises';
import { armCrashPoint, crashPoint, crashPointAfterThisTurn } from './crash-point.js';

const printed: string[] = [];
const signals: string[] = [];
const host = {
  print: (text: string) => void printed.push(text),
  signal: (trap: string) => void signals.push(trap),
};

beforeEach(() => {
  printed.length = 0;
  signals.length = 0;
});
afterEach(() => armCrashPoint({}));

describe('a crash point', () => {
  it('does nothing while unarmed', () => {
    armCrashPoint({}, host);
    crashPoint('work.before-commit');
    expect(signals).toEqual([]);
  });

  it.each([
    ['QUITTANCE_CRASH_AT', 'SIGKILL'],
    ['QUITTANCE_STALL_AT', 'SIGSTOP'],
  ])('named by %s sends %s to its own process and prints its name', (variable, signal) => {
    armCrashPoint({ [variable]: 'work.before-commit' }, host);
    crashPoint('work.after-commit');
    expect(signals).toEqual([]);
    crashPoint('work.before-commit');
    expect(signals).toEqual([signal]);
    expect(printed).toEqual([`${signal} at work.before-commit\n`]);
  });

  it('fires once: a resumed process continues', () => {
    armCrashPoint({ QUITTANCE_STALL_AT: 'work.before-commit' }, host);
    crashPoint('work.before-commit');
    crashPoint('work.before-commit');
    expect(signals).toEqual(['SIGSTOP']);
  });

  it('with #3 lets two pass', () => {
    armCrashPoint({ QUITTANCE_CRASH_AT: 'work.before-commit#3' }, host);
    crashPoint('work.before-commit');
    crashPoint('work.before-commit');
    expect(signals).toEqual([]);
    crashPoint('work.before-commit');
    expect(signals).toEqual(['SIGKILL']);
  });

  it('can follow everything else in this turn of the event loop', async () => {
    armCrashPoint({ QUITTANCE_CRASH_AT: 'work.after-last-byte' }, host);
    crashPointAfterThisTurn('work.after-last-byte');
    expect(signals).toEqual([]);
    await nextTurn();
    expect(signals).toEqual(['SIGKILL']);
  });
});

describe('arming a crash point', () => {
  it.each([
    ['an invalid name', { QUITTANCE_CRASH_AT: 'somewhere' }, 'must be <subject>.<place>[#<n>]'],
    ['a count of 0', { QUITTANCE_STALL_AT: 'a.b#0' }, 'QUITTANCE_STALL_AT must be'],
    [
      'both at once',
      { QUITTANCE_CRASH_AT: 'a.b', QUITTANCE_STALL_AT: 'a.c' },
      'exclude each other',
    ],
    ['production', { QUITTANCE_CRASH_AT: 'a.b', NODE_ENV: 'production' }, 'unset it in production'],
  ])('rejects %s', (_case, env, words) => {
    expect(() => armCrashPoint(env, host)).toThrow(words);
    crashPoint('a.b');
    expect(signals).toEqual([]);
  });
});
