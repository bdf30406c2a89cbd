// Every refund status × every kind of evidence, against matrices written by hand.
import { aPayment, aReport, fromNow, NOW } from '../../test/a-payment.js';
import { aRefundedPayment } from '../../test/a-refund.js';
import { REFUND_ANSWERS, REFUND_OUTCOMES, REFUND_REQUESTS } from '../../test/refund-matrices.js';
import { decideRefund } from './decide-refund.js';
import type {
  RefundDecision,
  RefundedPayment,
  RefundEvidence,
  RefundOutcome,
} from './refund-decision.js';
import { ALREADY_REQUESTED, type RefundStatus, refundStatuses } from './refund.js';

interface Cell {
  readonly row: string;
  readonly column: string;
  readonly word: string;
}

function cellsOf(matrix: string, rows: readonly string[]): readonly Cell[] {
  const [head = [], ...lines] = matrix
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  if (lines.map(([row]) => row).join() !== rows.join())
    throw new Error('The rows are not the statuses.');
  return lines.flatMap(([row = '', ...cells]) => {
    if (cells.length !== head.length - 1) throw new Error(`The row of ${row} lacks a cell.`);
    return cells.map((cell, at) => ({ row, column: head[at + 1] ?? '', word: spelled(cell) }));
  });
}

function spelled(cell: string): string {
  return cell
    .replace(/^-/, 'already_moved_on')
    .replace('!!', '!contradicts_final_status')
    .replace('!?', '!report_mismatch');
}

const LETTERS: Readonly<Record<RefundStatus, string>> = {
  queued: 'qu',
  submitting: 'su',
  inDoubt: 'id',
  accepted: 'ac',
  succeeded: 'ok',
  failed: 'fa',
};
const OF_PAYMENT: Readonly<Record<string, string>> = {
  refundPending: '/rp',
  partiallyRefunded: '/pf',
  reversed: '/rv',
};

function wordOf({ move, unmoved, payment, alert }: RefundDecision): string {
  const word = move ? LETTERS[move.to] : String(unmoved);
  const ofPayment = payment?.move ? OF_PAYMENT[payment.move.to] : '';
  return `${word}${ofPayment}${alert ? `!${alert}` : ''}`;
}

function subjectOf(row: string): RefundedPayment {
  return row === 'lasting'
    ? aRefundedPayment('inDoubt', { doubtReason: ALREADY_REQUESTED, nextStepAt: null })
    : aRefundedPayment(row as RefundStatus);
}

const pending = aReport('8');
const OUTCOMES: Readonly<Record<string, RefundOutcome>> = {
  notSent: { kind: 'notSent', reason: 'econnrefused' },
  tooLate: { kind: 'notSent', reason: 'econnrefused' },
  unsendable: { kind: 'notSent', reason: 'gateway_address_refused', isConfiguration: true },
  accepted: { kind: 'accepted', report: pending },
  refused: { kind: 'refused', code: 'rejected', message: 'No', report: null },
  already: { kind: 'alreadyRequested', report: pending },
  unknown: { kind: 'unknown', reason: 'no_reply' },
  other: { kind: 'accepted', report: aReport('8', { transId: '999' }) },
};

describe('the outcome of our own request', () => {
  it.each(cellsOf(REFUND_OUTCOMES, refundStatuses))('$row + $column: $word', (cell) => {
    const { row, column, word } = cell;
    const subject =
      column === 'tooLate'
        ? aRefundedPayment(row as RefundStatus, { submitBefore: fromNow(100) })
        : subjectOf(row);
    const outcome = OUTCOMES[column];
    if (!outcome) throw new Error(`no outcome ${column}`);
    expect(wordOf(decideRefund(subject, { cause: 'reply', outcome, random: 0.5 }, NOW))).toBe(word);
  });

  it('ends the refund if the payment is not approved, unless it is about another payment', () => {
    const refusal = (transId: string): RefundEvidence => ({
      cause: 'reply',
      outcome: {
        kind: 'refused',
        code: 'not_approved',
        message: 'No',
        report: aReport('25', { transId }),
      },
      random: 0,
    });
    const subject = aRefundedPayment('submitting');
    const { transId } = subject.payment;
    const decision = decideRefund(subject, refusal(transId ?? ''), NOW);
    expect(decision.move).toMatchObject({ to: 'failed', gatewayCode: '25' });
    expect(wordOf(decideRefund(subject, refusal('999'), NOW))).toBe('id!report_mismatch');
  });
});

const opening: RefundEvidence = {
  cause: 'request',
  act: 'open',
  replyBefore: fromNow(30_000),
};
const REQUESTS: Readonly<Record<string, RefundEvidence>> = {
  open: opening,
  openLate: opening,
  moved: opening,
  abandoned: { cause: 'sweeper', act: 'abandoned' },
  found: { cause: 'operator', as: 'accepted', note: 'seen in the dashboard' },
  notFound: { cause: 'operator', as: 'failed', note: 'not in the dashboard' },
};

describe('a request', () => {
  it.each(cellsOf(REFUND_REQUESTS, refundStatuses))('$row + $column: $word', (cell) => {
    const { row, column, word } = cell;
    const status = row as RefundStatus;
    const late = aRefundedPayment(status, { submitBefore: NOW });
    const here = aRefundedPayment(status);
    const moved = { ...here, payment: aPayment('reversed') };
    const subject = column === 'openLate' ? late : column === 'moved' ? moved : here;
    const evidence = REQUESTS[column];
    if (!evidence) throw new Error(`no evidence ${column}`);
    expect(wordOf(decideRefund(subject, evidence, NOW))).toBe(word);
  });

  it('by a person is noted, and triggers an inquiry about the payment', () => {
    const evidence = REQUESTS['notFound'] ?? opening;
    const { next, move, payment } = decideRefund(aRefundedPayment('inDoubt'), evidence, NOW);
    expect(move?.note).toBe('not in the dashboard');
    expect(next.failure?.code).toBe('resolved_by_operator');
    expect(payment).toMatchObject({ move: null, next: { nextStepAt: NOW } });
  });

  it('without a transID to name is not sent', () => {
    const { payment, refund } = aRefundedPayment('queued');
    const decision = decideRefund({ refund, payment: { ...payment, transId: null } }, opening, NOW);
    expect(decision.next).toMatchObject({
      status: 'failed',
      failure: { code: 'payment_not_refundable' },
    });
  });
});

function answered(column: string, step: 'payment' | 'refund'): RefundEvidence {
  if (column === 'silence')
    return { cause: 'inquiry', answer: { kind: 'unanswered', reason: 'timeout' }, step };
  const report = column === 'other' ? aReport('7', { transId: '999' }) : aReport(column);
  return { cause: 'inquiry', answer: { kind: 'reported', report }, step };
}

const ROWS = refundStatuses.flatMap((status) =>
  status === 'inDoubt' ? ['inDoubt', 'lasting'] : [status],
);

describe('an answer about the payment', () => {
  it.each(cellsOf(REFUND_ANSWERS, ROWS))('$row + $column: $word', ({ row, column, word }) => {
    expect(wordOf(decideRefund(subjectOf(row), answered(column, 'refund'), NOW))).toBe(word);
  });

  it.each(cellsOf(REFUND_ANSWERS, ROWS))(
    'gives the same for $row + $column in the payment’s own step',
    ({ row, column, word }) => {
      const decision = decideRefund(subjectOf(row), answered(column, 'payment'), NOW);
      expect(wordOf({ ...decision, alert: decision.payment?.alert ?? null })).toBe(word);
    },
  );

  it.each([
    ['a part', 500n, 'partiallyRefunded'],
    ['the whole', 1111n, 'refunded'],
  ])('completes %s', (_what, amountMinor, status) => {
    const subject = aRefundedPayment('accepted', { amountMinor });
    const { next, payment } = decideRefund(subject, answered('7', 'payment'), NOW);
    expect(next.status).toBe('succeeded');
    expect(payment?.next).toMatchObject({ status, refundedMinor: amountMinor });
  });

  it('leaves the refunded amount as it is until the refund is complete', () => {
    const { payment } = decideRefund(aRefundedPayment('inDoubt'), answered('8', 'refund'), NOW);
    expect(payment?.next).toMatchObject({ status: 'refundPending', refundedMinor: 0n });
  });
});

describe('the schedule', () => {
  const nextStep = (subject: RefundedPayment, step: 'payment' | 'refund') => {
    const { next, payment } = decideRefund(subject, answered('silence', step), NOW);
    return { refund: next.nextStepAt, payment: payment?.next.nextStepAt };
  };

  it('of a refund in doubt goes on for ever, and leaves the payment’s alone', () => {
    const subject = aRefundedPayment('inDoubt', { inquiries: 5_000 });
    expect(nextStep(subject, 'refund')).toEqual({
      refund: fromNow(86_400_000),
      payment: undefined,
    });
  });

  it('of the payment goes on, and leaves the refund’s alone', () => {
    const subject = aRefundedPayment('inDoubt');
    expect(nextStep(subject, 'payment')).toEqual({
      refund: subject.refund.nextStepAt,
      payment: fromNow(21_600_000),
    });
  });

  it('ends for a doubt that no inquiry can resolve', () => {
    expect(nextStep(subjectOf('lasting'), 'refund').refund).toBeNull();
  });

  it('waits until the reply is due and could be stored before an attempt is swept', () => {
    const { next } = decideRefund(aRefundedPayment('queued'), opening, NOW);
    expect(next).toMatchObject({ attempt: 1, nextStepAt: fromNow(45_000) });
  });
});
