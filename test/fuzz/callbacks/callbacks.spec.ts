// Goal: what judges callbacks finds what it is meant to find. Method: tables, one thing changed a row.
import { moveProblems } from './ends.mjs';
import { keptProblems } from './kept.mjs';
import { callbackProblems } from './send-callbacks.mjs';

describe('the answer to a callback', () => {
  const right = { isRight: true, isTooLarge: false };
  const taken = { status: 200, text: '{"received":true}' };

  it.each([
    ['received', right, taken],
    ['too large', { isRight: true, isTooLarge: true }, { status: 413 }],
    ['too large, and cut off', { isRight: true, isTooLarge: true }, { error: 'ECONNRESET' }],
    ['an address that is none', { isRight: false, isTooLarge: false }, { status: 414 }],
  ])('is fine: %s', (_, callback, answer) =>
    expect(callbackProblems(callback, answer)).toEqual([]),
  );

  it.each([
    ['a fault of ours', right, { status: 500, text: '' }],
    ['one that is away', right, { status: 503, text: '' }],
    ['other words', right, { status: 200, text: '{"received":true,"verdict":"parked"}' }],
    ['a refusal that tells a right token', right, { status: 404, text: '' }],
    ['a lost one', right, { status: 415, text: '' }],
    ['a hang', right, { error: 'UND_ERR_HEADERS_TIMEOUT' }],
    ['a crash', right, { error: 'ECONNRESET' }],
    ['a large one that was taken', { isRight: true, isTooLarge: true }, taken],
  ])('is wrong: %s', (_, callback, answer) =>
    expect(callbackProblems(callback, answer)).toHaveLength(1),
  );
});

describe('the moves of a payment', () => {
  it.each([
    ['0', ['queued', 'submitting', 'requires_action'], 0],
    ['1', ['queued', 'submitting', 'requires_action', 'succeeded'], 0],
    ['0', ['queued', 'submitting', 'requires_action', 'succeeded'], 2],
    ['1', ['queued', 'submitting', 'requires_action', 'declined'], 2],
    ['1', ['queued', 'submitting', 'requires_action', 'declined', 'succeeded'], 1],
    ['2', ['queued', 'submitting', 'requires_action'], 1],
    ['22', ['queued', 'submitting', 'in_doubt', 'expired'], 1],
    ['5', ['queued', 'submitting', 'requires_action', 'charged_back'], 0],
    ['1', ['queued', 'submitting', 'requires_action', 'succeeded', 'charged_back'], 2],
    ['7', ['queued', 'submitting', 'requires_action', 'succeeded', 'reversed'], 1],
  ])('when the gateway says %s: %j', (code, statuses, found) => {
    expect(moveProblems(code, statuses)).toHaveLength(found);
  });
});

it('misses callbacks that were told received, and finds those that nobody may have sent', () => {
  const [one, none] = [new Set(['pi_1 aa']), new Set<string>()];
  expect(keptProblems(one, one)).toEqual([]);
  expect(keptProblems(none, one)).toHaveLength(1);
  expect(keptProblems(one, none)).toHaveLength(1);
});
