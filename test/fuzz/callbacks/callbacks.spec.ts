// Goal: callbacks have every mutation, and their judges find what they are meant to find. Method:
// two subjects; tables with one thing changed a row.
import fc from 'fast-check';
import type { TerminalWithKeys } from '../../../tools/stack/terminals.js';
import { callbacks } from './arbitraries.js';
import { answerProblems, strayStatuses } from './oracle.js';

it('has every mutation within a short run, with right and wrong tokens', () => {
  const terminal = { publicKey: 'a public key', privateKey: 'a private key' } as TerminalWithKeys;
  const payment = { code: '1', token: 'x'.repeat(43), terminal };
  const sent = { contentType: 'application/json', body: '{"transID":"1"}' };
  const real = { ...sent, method: 'POST', path: '/callbacks/x' };
  const fields = { transID: '1', order_status: '1' };
  const subjectOf = (id: string) => ({ ...payment, id, reference: id, fields, real });
  const subjects = [subjectOf('pi_1'), subjectOf('pi_2')];
  const run = fc.sample(callbacks(subjects), { seed: 7, numRuns: 2_500 });
  expect(new Set(run.flatMap(({ kinds }) => kinds)).size).toBe(42);
  expect(run.filter(({ isRight }) => isRight).length).toBeGreaterThan(1_000);
  expect(run.filter(({ isRight }) => !isRight).length).toBeGreaterThan(1_000);
  expect(run.some(({ isTooLarge }) => isTooLarge)).toBe(true);
  const rightPaths = subjects.map(({ id, token }) => `/callbacks/${id}.${token}`);
  for (const { path, isRight, subjectId } of run) {
    expect(isRight).toBe(rightPaths.includes(path));
    if (isRight) expect(path).toContain(`/${subjectId}.`);
  }
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
  ['0', ['requires_action', 'succeeded'], 1],
  ['1', ['requires_action', 'declined'], 1],
  ['1', ['requires_action', 'declined', 'succeeded'], 1],
  ['22', ['in_doubt', 'expired'], 1],
  ['5', ['requires_action', 'charged_back'], 0],
  ['1', ['requires_action', 'succeeded', 'charged_back'], 1],
  ['7', ['requires_action', 'succeeded', 'reversed'], 1],
])('finds statuses that the gateway, at %s, never said: %j', (code, statuses, found) => {
  expect(strayStatuses(code, ['queued', 'submitting', ...statuses])).toHaveLength(found);
});
