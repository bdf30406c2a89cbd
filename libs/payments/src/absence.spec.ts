// When "not found" is an answer: each row differs by one fact from the case that counts.
import fc from 'fast-check';
import { NOW, fromNow } from '../test/a-payment.js';
import type { AbsenceCase, PastInquiry } from './absence.js';
import { ABSENCE_SLACK_MS, absenceCounts } from './absence.js';

const HOUR = 3_600_000;
const SIX_HOURS = 6 * HOUR;

/** A probe's answer, `afterMs` milliseconds after the first moment that counts. */
const said = (answer: PastInquiry['answer'], afterMs: number, isProbe = true): PastInquiry => ({
  askedAt: fromNow(ABSENCE_SLACK_MS + afterMs),
  isProbe,
  answer,
});
const notFoundAt = (...afterMs: number[]) => afterMs.map((ms) => said('notFound', ms));
const absent: AbsenceCase = {
  asked: notFoundAt(0, HOUR, SIX_HOURS),
  replyDueAt: NOW,
  absentAfterMs: SIX_HOURS,
};

describe('an absence counts', () => {
  it('when probes have said so for as long as the terminal requires', () => {
    expect(absenceCounts(absent)).toBe(true);
  });

  it.each<[string, Partial<AbsenceCase>]>([
    ['when the terminal has not opted in', { absentAfterMs: null }],
    ['when no attempt is on record', { replyDueAt: null }],
    ['a millisecond too early', { asked: notFoundAt(0, HOUR, SIX_HOURS - 1) }],
    ['after too few inquiries', { asked: notFoundAt(0, SIX_HOURS) }],
    [
      'when the first inquiry was within the grace period',
      { asked: notFoundAt(-1, HOUR, SIX_HOURS) },
    ],
    ['without an inquiry', { asked: [] }],
    [
      'when a look-up found nothing, which proves nothing',
      { asked: absent.asked.map((once) => ({ ...once, isProbe: false })) },
    ],
    [
      'when the reference existed in between',
      {
        asked: [
          ...notFoundAt(0, HOUR),
          said('existsWithoutDetails', 2 * HOUR),
          ...notFoundAt(SIX_HOURS),
        ],
      },
    ],
    [
      'when something was reported in between',
      { asked: [...notFoundAt(0, HOUR), said('reported', 2 * HOUR), ...notFoundAt(SIX_HOURS)] },
    ],
    [
      'when the last inquiry was not answered',
      { asked: [...notFoundAt(0, HOUR, 2 * HOUR), said('unanswered', SIX_HOURS)] },
    ],
  ])('not %s', (_, change) => {
    expect(absenceCounts({ ...absent, ...change })).toBe(false);
  });

  it('although some inquiries were not answered', () => {
    const asked = [...notFoundAt(0, HOUR), said('unanswered', 2 * HOUR), ...notFoundAt(SIX_HOURS)];
    expect(absenceCounts({ ...absent, asked })).toBe(true);
  });

  it('only if every conclusive answer at the end says so, for long enough', () => {
    const answer = fc.constantFrom<PastInquiry['answer']>(
      'notFound',
      'unanswered',
      'existsWithoutDetails',
    );
    const gaps = fc.array(fc.tuple(answer, fc.nat({ max: 2 * HOUR })), { maxLength: 12 });
    const property = fc.property(gaps, (drawn) => {
      let at = 0;
      const asked = drawn.map(([kind, gap]) => said(kind, (at += gap)));
      if (!absenceCounts({ ...absent, asked })) return;
      const since = fromNow(ABSENCE_SLACK_MS + at - SIX_HOURS);
      const recent = asked.filter(({ askedAt }) => askedAt >= since);
      expect(recent.map((once) => once.answer)).not.toContain('existsWithoutDetails');
    });
    fc.assert(property, { numRuns: 2_000 });
  });
});
