// Every status × every outcome of an attempt, and the data of each transition
// (docs/payment-lifecycle.md).
import { NOW, aPayment, fromNow } from '../test/a-payment.js';
import { readMatrix } from '../test/matrix.js';
import { OUTCOMES } from '../test/outcome-matrices.js';
import { outcomeWord } from '../test/outcome-word.js';
import { decide } from './decide.js';
import type { Outcome } from './evidence.js';
import type { Payment } from './payment.js';

const refused = { kind: 'refused', code: '5015', message: 'No acquirer' } as const;
const outcomes: Readonly<Record<string, Outcome>> = {
  notSent: { kind: 'notSent', reason: 'connection_refused' },
  tooLate: { kind: 'notSent', reason: 'connection_refused' },
  unsendable: { kind: 'notSent', reason: 'gateway_address_refused', isConfiguration: true },
  blocked: {
    kind: 'blocked',
    code: '403',
    transId: '100135250426141606',
    message: 'Transaction is Blocked',
  },
  refused: { ...refused, isConfiguration: false },
  misconfigured: { ...refused, isConfiguration: true },
  alreadyKnown: { kind: 'alreadyKnown', code: '5012' },
  unknown: { kind: 'unknown', reason: 'no_reply' },
};

function decideOn(name: string, payment: Payment) {
  const outcome = outcomes[name];
  if (!outcome) throw new Error(`Unknown outcome: ${name}`);
  return decide(payment, { cause: 'reply', outcome, random: 0.5 }, NOW);
}

describe('every status and every outcome of an attempt', () => {
  it.each(readMatrix(OUTCOMES))('$status + $column: $expected', ({ status, column, expected }) => {
    // The first pause is at most half a second: one millisecond is too short for it.
    const submitBefore = column === 'tooLate' ? fromNow(1) : fromNow(3_600_000);
    const word = expected.replace('charged', 'already_moved_on!contradicts_final_status');
    expect(outcomeWord(decideOn(column, aPayment(status, { submitBefore })))).toBe(word);
  });
});

describe('a request that provably never left', () => {
  it('goes back to the queue with its card, and waits longer after each attempt', () => {
    const { next, move, restoresCard } = decideOn(
      'notSent',
      aPayment('submitting', { attempt: 3 }),
    );
    expect(restoresCard).toBe(true);
    expect(move).toEqual({
      from: 'submitting',
      to: 'queued',
      cause: 'reply',
      gatewayCode: null,
      note: 'connection_refused',
    });
    expect(next).toMatchObject({ attempt: 3, nextStepAt: fromNow(1_500), failure: null });
  });

  it.each([
    ['at the deadline', 375, 'fa'],
    ['a millisecond before it', 376, 'qu'],
  ])('whose next attempt would come %s', (_, deadlineMs, expected) => {
    const payment = aPayment('submitting', { submitBefore: fromNow(deadlineMs) });
    expect(outcomeWord(decideOn('notSent', payment))).toBe(expected);
  });

  it('fails without a card after the sweeper’s doubt', () => {
    const { next, restoresCard } = decideOn('notSent', aPayment('inDoubt'));
    expect(restoresCard).toBe(false);
    expect(next).toMatchObject({ doubtReason: null, nextStepAt: null });
    expect(next.failure?.code).toBe('gateway_unreachable');
  });
});

it('retains the card of a payment until its terminal can send again', () => {
  const { next, restoresCard, move } = decideOn('unsendable', aPayment('submitting'));
  expect(restoresCard).toBe(true);
  expect(next).toMatchObject({ status: 'queued', failure: null });
  expect(move).toMatchObject({ to: 'queued', note: 'gateway_address_refused' });
});

describe('a refusal', () => {
  it('is stored in the gateway’s code and words', () => {
    const { next, move } = decideOn('refused', aPayment('submitting'));
    expect(next.failure).toEqual({ code: 'gateway_5015', message: 'No acquirer' });
    expect(move).toMatchObject({ gatewayCode: '5015', note: 'gateway_5015' });
    expect(next.nextStepAt).toBeNull();
  });

  it('by a block list stores the transID that came with it', () => {
    const { next, move } = decideOn('blocked', aPayment('submitting'));
    expect(next).toMatchObject({ transId: '100135250426141606', status: 'blocked' });
    expect(next.failure).toEqual({ code: 'blocked', message: 'Transaction is Blocked' });
    expect(move).toMatchObject({ gatewayCode: '403', note: 'blocked' });
  });
});

describe('a doubt', () => {
  it.each([
    ['unknown', 'no_reply', null],
    ['alreadyKnown', 'reference_already_known', '5012'],
  ])('from %s has the reason %s and is inquired about after two seconds', (name, reason, code) => {
    const { next, move } = decideOn(name, aPayment('submitting'));
    expect(next).toMatchObject({ doubtReason: reason, failure: null, nextStepAt: fromNow(2_000) });
    expect(move).toMatchObject({ gatewayCode: code, note: reason });
  });
});
