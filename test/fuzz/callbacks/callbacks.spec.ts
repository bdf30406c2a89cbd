// Goal: callbacks have every mutation, and their judges find what they are meant to find. Method:
// two subjects; tables with one thing changed a row.
import fc from 'fast-check';
import type { TerminalWithKeys } from '../../../tools/stack/terminals.js';
import { callbacks } from './arbitraries.js';
import { answerProblems, storageProblems, transitionProblems } from './oracle.js';

it('has every mutation within a short run, with right and wrong tokens', () => {
  const terminal = { publicKey: 'a public key', privateKey: 'a private key' } as TerminalWithKeys;
  const payment = { transId: '1', amount: '11.11', code: '1', token: 'x'.repeat(43), terminal };
  const real = { contentType: 'application/json', body: Buffer.from('{"transID":"1"}') };
  const fields = { transID: '1', order_status: '1' };
  const subjectOf = (id: string) => ({ ...payment, id, reference: id, fields, real });
  const subjects = [subjectOf('pi_1'), subjectOf('pi_2')];
  const run = fc.sample(callbacks(subjects), { seed: 7, numRuns: 2_500 });
  expect(new Set(run.flatMap(({ kinds }) => kinds)).size).toBe(39);
  expect(run.filter(({ isRight }) => isRight).length).toBeGreaterThan(1_000);
  expect(run.filter(({ isRight }) => !isRight).length).toBeGreaterThan(1_000);
  expect(run.some(({ isTooLarge }) => isTooLarge)).toBe(true);
});

const right = { isRight: true, isTooLarge: false };
const large = { isRight: true, isTooLarge: true };
const received = { status: 200, text: '{"received":true}' };

it.each([
  ['received', right, received, 0],
  ['too large', large, { status: 413 }, 0],
  ['too large, and cut off', large, { error: 'ECONNRESET' }, 0],
  ['an impossible address', { isRight: false, isTooLarge: false }, { status: 414 }, 0],
  ['a fault of ours', right, { status: 500, text: '' }, 1],
  ['unavailable', right, { status: 503, text: '' }, 1],
  ['other words', right, { status: 200, text: '{"received":true,"verdict":"parked"}' }, 1],
  ['a refusal that reveals a right token', right, { status: 404, text: '' }, 1],
  ['a lost one', right, { status: 415, text: '' }, 1],
  ['a hang', right, { error: 'UND_ERR_HEADERS_TIMEOUT' }, 1],
  ['a crash', right, { error: 'ECONNRESET' }, 1],
  ['acceptance of a large one', large, received, 1],
])('judges the answer to a callback: %s', (_, callback, answer, found) => {
  expect(answerProblems(callback, answer)).toHaveLength(found);
});

it.each([
  ['0', ['requires_action'], 0],
  ['1', ['requires_action', 'succeeded'], 0],
  ['0', ['requires_action', 'succeeded'], 2],
  ['1', ['requires_action', 'declined'], 2],
  ['1', ['requires_action', 'declined', 'succeeded'], 1],
  ['2', ['requires_action'], 1],
  ['22', ['in_doubt', 'expired'], 1],
  ['5', ['requires_action', 'charged_back'], 0],
  ['1', ['requires_action', 'succeeded', 'charged_back'], 2],
  ['7', ['requires_action', 'succeeded', 'reversed'], 1],
])('judges transitions when the gateway says %s: %j', (code, statuses, found) => {
  expect(transitionProblems(code, ['queued', 'submitting', ...statuses])).toHaveLength(found);
});

it('finds lost callbacks, and stored ones that came with a wrong token', () => {
  const [one, none] = [new Set(['pi_1 aa']), new Set<string>()];
  expect(storageProblems(one, one)).toEqual([]);
  expect(storageProblems(none, one)).toHaveLength(1);
  expect(storageProblems(one, none)).toHaveLength(1);
});
