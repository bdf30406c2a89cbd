// Every assumed end × every code that the gateway may report afterwards: the gateway's report
// outranks the assumption.
import { NOW, aPayment, aReport, fromNow } from '../test/a-payment.js';
import { outcomeWord } from '../test/outcome-word.js';
import { wordOfCell } from '../test/report-matrices.js';
import { decide } from './decide.js';
import { ORDER_IS_LOST_AFTER_MS } from './decide-on-callback.js';
import type { Evidence } from './evidence.js';
import type { Payment } from './payment.js';
import type { FailureCode } from './reasons.js';

/** `?` is outdated news that contradicts the assumption: an alert and another inquiry. */
const AFTER_AN_ASSUMED_END = `
code      0  1   2  3   7   5   8   10 28 11  22 23 24 9   25  26 27 99
declined  ?  ok^ =  rv^ rv^ cb^ rp^ bl bl di^ ex ca fa ok^ ok^ =  ?  u
blocked   ?  ok^ de rv^ rv^ cb^ rp^ =  =  di^ ex ca fa ok^ ok^ de ?  u
failed    ?  ok^ de rv^ rv^ cb^ rp^ bl bl di^ ex ca =  ok^ ok^ de ?  u
`;
const SIGNS: Readonly<Record<string, string>> = {
  '?': 'no_such_move!contradicts_final_status',
  u: 'unknown_code!unknown_order_status',
};

const [head = [], ...rows] = AFTER_AN_ASSUMED_END.trim()
  .split('\n')
  .map((line) => line.split(/\s+/));
const cells = rows.flatMap(([status = '', ...expected]) =>
  expected.map((cell, column) => [status, head[column + 1] ?? '', cell] as const),
);

const assumed = (status: string, code: FailureCode = 'resolved_by_operator'): Payment =>
  aPayment(status as Payment['status'], {
    mode: 'test',
    transId: null,
    failure: { code, message: 'x' },
  });
const reply = (code: string): Evidence => ({
  cause: 'reply',
  outcome: { kind: 'reported', report: aReport(code) },
  random: 0,
});
const inquiry = (code: string): Evidence => ({
  cause: 'inquiry',
  answer: { kind: 'reported', report: aReport(code) },
});

describe.each([
  ['reply', reply],
  ['inquiry', inquiry],
] as const)('a %s after an assumed end', (_, evidence) => {
  it.each(cells)('%s + %s: %s', (status, code, cell) => {
    const word = outcomeWord(decide(assumed(status), evidence(code), NOW));
    expect(word).toBe(SIGNS[cell] ?? wordOfCell(cell, true));
  });
});

describe('an absence that counted', () => {
  it.each(['1', '7'])('is disproved by code %s, with a flag and an alert', (code) => {
    const { next, alert } = decide(assumed('failed', 'never_arrived'), reply(code), NOW);
    expect(alert).toBe('late_success');
    expect(next).toMatchObject({ flags: ['arrived_after_failure'], failure: null });
  });
});

describe('a payment that is assumed to have ended but is open at the gateway', () => {
  it('is inquired about at once, and then by a new schedule, after a callback', () => {
    const before = { ...assumed('failed'), inquiries: 7 };
    const { next, ordersInquiry } = decide(
      before,
      { cause: 'callback', report: aReport('0') },
      NOW,
    );
    const nextStepAt = fromNow(ORDER_IS_LOST_AFTER_MS);
    expect(next).toEqual({ ...before, asks: 1, inquiries: 0, nextStepAt, hintedAt: NOW });
    expect(ordersInquiry).toBe(true);
    expect(decide(next, inquiry('0'), NOW).next.nextStepAt).not.toBeNull();
  });

  it('is inquired about by a new schedule, by its new transID', () => {
    const { next } = decide({ ...assumed('failed'), inquiries: 7 }, reply('0'), NOW);
    const asking = { status: 'failed', inquiries: 0, nextStepAt: fromNow(60_000) };
    expect(next).toMatchObject({ ...asking, transId: '100135250426141606' });
  });

  it('is not inquired about for ever when the answers do not change', () => {
    let payment = assumed('failed');
    let questions = 0;
    do {
      payment = decide(payment, inquiry('0'), NOW).next;
      questions += 1;
    } while (payment.nextStepAt && questions < 99);
    expect(questions).toBe(7);
  });

  it('stays as it is if the gateway itself had refused it', () => {
    const { next, alert } = decide(aPayment('failed'), reply('0'), NOW);
    expect(alert).toBeNull();
    expect(next.nextStepAt).toBeNull();
  });
});
