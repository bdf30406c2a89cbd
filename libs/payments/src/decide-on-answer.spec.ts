// Every status × every answer to an inquiry that is no report. Silence never ends a payment, it
// only spaces the inquiries, unless the terminal's policy made it an answer.
import { NOW, aPayment, aReport, fromNow } from '../test/a-payment.js';
import { readMatrix } from '../test/matrix.js';
import { SILENT_ANSWERS } from '../test/outcome-matrices.js';
import { outcomeWord } from '../test/outcome-word.js';
import { decide } from './decide.js';
import type { InquiryAnswer } from './evidence.js';
import type { Payment } from './payment.js';

const answers: Readonly<Record<string, InquiryAnswer>> = {
  notFound: { kind: 'notFound' },
  absent: { kind: 'absent' },
  existsWithoutDetails: { kind: 'existsWithoutDetails' },
  unanswered: { kind: 'unanswered', reason: 'timeout' },
  noWayToAsk: { kind: 'noWayToAsk' },
};

const inquire = (payment: Payment, answer: InquiryAnswer, now = NOW) =>
  decide(payment, { cause: 'inquiry', answer }, now);

/** Returns `same` for an unchanged schedule, else the seconds until the next inquiry or `none`. */
function stepOf(before: Payment, { inquiries, nextStepAt }: Payment): string {
  if (inquiries === before.inquiries && nextStepAt === before.nextStepAt) return 'same';
  return nextStepAt ? String((nextStepAt.getTime() - NOW.getTime()) / 1_000) : 'none';
}

describe('every status and every silent answer', () => {
  it.each(readMatrix(SILENT_ANSWERS))(
    '$status + $column: $expected',
    ({ status, column, expected }) => {
      const payment = aPayment(status);
      const answer = answers[column];
      if (!answer) throw new Error(`Unknown answer: ${column}`);
      const decision = inquire(payment, answer);
      expect(`${outcomeWord(decision)}:${stepOf(payment, decision.next)}`).toBe(expected);
    },
  );
});

/** Returns the seconds between inquiries that never find anything new. */
function pausesSeconds(payment: Payment, questions: number): readonly number[] {
  const pauses: number[] = [];
  let [current, now] = [payment, NOW];
  while (pauses.length < questions) {
    current = inquire(current, { kind: 'notFound' }, now).next;
    if (!current.nextStepAt) break;
    pauses.push((current.nextStepAt.getTime() - now.getTime()) / 1_000);
    now = current.nextStepAt;
  }
  return pauses;
}

describe('repeated inquiries', () => {
  it('follow the schedule of doubt: the first pause came with the transition, so the second is next', () => {
    const doubtful = decide(aPayment('submitting'), { cause: 'sweeper', act: 'abandoned' }, NOW);
    expect(doubtful.next.nextStepAt).toEqual(fromNow(2_000));
    expect(pausesSeconds(doubtful.next, 5)).toEqual([5, 10, 20, 40, 60]);
  });

  it('stop after the last entry for a soft end', () => {
    const day = 86_400;
    expect(pausesSeconds(aPayment('expired'), 99)).toEqual([
      600,
      3_600,
      21_600,
      day,
      3 * day,
      7 * day,
    ]);
  });

  it('start over after a transition', () => {
    const payment = aPayment('processing', { inquiries: 6 });
    const { next } = inquire(payment, { kind: 'reported', report: aReport('1') });
    expect(next).toMatchObject({ inquiries: 0, nextStepAt: fromNow(3_600_000) });
  });

  it('continue after a report that changed nothing, was unknown, or was disbelieved', () => {
    const payment = aPayment('processing', { inquiries: 2 });
    const reports = [aReport('0'), aReport('99'), aReport('1', { reference: 'ORD-1002' })];
    for (const report of reports) {
      const { next, move } = inquire(payment, { kind: 'reported', report });
      expect(move).toBeNull();
      expect(next).toMatchObject({ inquiries: 3, nextStepAt: fromNow(60_000), version: 3 });
    }
  });
});

describe('an absence that counts', () => {
  it('explains the failure, and inquiries continue for a while', () => {
    const { next, move } = inquire(aPayment('inDoubt'), { kind: 'absent' });
    expect(next.failure?.code).toBe('never_arrived');
    expect(move).toMatchObject({ to: 'failed', cause: 'inquiry', note: 'never_arrived' });
    expect(pausesSeconds(next, 99)).toHaveLength(6);
  });

  it('does not count once the gateway has named a transID', () => {
    const payment = aPayment('inDoubt', { transId: '100135250426141606' });
    expect(outcomeWord(inquire(payment, { kind: 'absent' }))).toBe('notFound');
  });

  it('is disproved when the reference exists after all', () => {
    const { next } = inquire(aPayment('inDoubt'), { kind: 'absent' });
    const later = inquire(next, { kind: 'existsWithoutDetails' });
    expect(outcomeWord(later)).toBe('existsWithoutDetails!contradicts_final_status');
  });
});
