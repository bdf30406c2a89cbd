// The schedules in numbers, and their properties over any length.
import fc from 'fast-check';
import { inquiryDelayMs, retryDelayMs } from './schedules.js';
import type { PaymentStatus } from './status.js';
import { paymentStatuses } from './status.js';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('the pause before the next attempt', () => {
  it.each([
    [1, 250, 500],
    [2, 500, 1_000],
    [3, 1_000, 2_000],
    [4, 2_000, 4_000],
    [5, 4_000, 8_000],
    [6, 8_000, 16_000],
    [7, 16_000, 32_000],
    [8, 30_000, 60_000],
    [9, 30_000, 60_000],
    [1_000_000, 30_000, 60_000],
  ])('after %s unsent attempts is between %s and %s ms', (attempt, leastMs, mostMs) => {
    expect(retryDelayMs(attempt, 0)).toBe(leastMs);
    expect(retryDelayMs(attempt, 0.5)).toBe((leastMs + mostMs) / 2);
    expect(retryDelayMs(attempt, 1 - Number.EPSILON)).toBe(mostMs);
  });

  it('is a whole number of milliseconds, never below a quarter second nor above a minute', () => {
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    const property = fc.property(fc.integer({ min: 1, max: 10_000 }), random, (attempt, chance) => {
      const delayMs = retryDelayMs(attempt, chance);
      expect(Number.isInteger(delayMs)).toBe(true);
      expect(delayMs).toBeGreaterThanOrEqual(250);
      expect(delayMs).toBeLessThanOrEqual(60_000);
      expect(retryDelayMs(attempt + 1, chance)).toBeGreaterThanOrEqual(delayMs);
    });
    fc.assert(property);
  });
});

/** The first pauses, in seconds, between the inquiries that follow a transition. */
const FIRST_PAUSES: Readonly<Partial<Record<PaymentStatus, readonly number[]>>> = {
  requiresAction: [10, 20, 30, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, HOUR],
  processing: [10, 20, 30, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, HOUR],
  inDoubt: [2, 5, 10, 20, 40, MINUTE, 120, 300, 600, 1_800, HOUR, 2 * HOUR, 6 * HOUR, DAY],
  expired: [MINUTE, 10 * MINUTE, HOUR, 6 * HOUR, DAY, 3 * DAY, 7 * DAY],
  cancelled: [MINUTE, 10 * MINUTE, HOUR, 6 * HOUR, DAY, 3 * DAY, 7 * DAY],
  succeeded: [HOUR, 6 * HOUR, DAY, 3 * DAY, 7 * DAY],
  refundPending: [5, 30, 2 * MINUTE, 10 * MINUTE, HOUR, 6 * HOUR, DAY, 3 * DAY, 7 * DAY],
  disputed: [HOUR, 6 * HOUR, DAY, 3 * DAY, 7 * DAY],
};

/**
 * The number of unanswered inquiries before a status's schedule ends; 0 for statuses without
 * inquiries.
 */
const QUESTIONS: Readonly<Record<PaymentStatus, number>> = {
  queued: 0,
  submitting: 0,
  requiresAction: Infinity,
  processing: Infinity,
  inDoubt: Infinity,
  succeeded: 29,
  declined: 0,
  blocked: 0,
  failed: 0,
  expired: 7,
  cancelled: 7,
  refundPending: 33,
  refunded: 0,
  partiallyRefunded: 0,
  reversed: 0,
  chargedBack: 0,
  disputed: 29,
};

const LONG = 500;
const pausesMs = (status: PaymentStatus) =>
  Array.from({ length: LONG }, (_, inquiries) => inquiryDelayMs(status, inquiries));

describe.each(paymentStatuses)('the inquiries about a payment that is %s', (status) => {
  it('start as listed', () => {
    const first = FIRST_PAUSES[status] ?? [null];
    const expected = first.map((seconds) => (seconds === null ? null : seconds * 1_000));
    expect(pausesMs(status).slice(0, first.length)).toEqual(expected);
  });

  it('end after the number listed here', () => {
    const asked = pausesMs(status).filter((pause) => pause !== null);
    expect(asked).toHaveLength(Math.min(QUESTIONS[status], LONG));
    expect(
      pausesMs(status)
        .slice(asked.length)
        .every((pause) => pause === null),
    ).toBe(true);
  });

  it('become ever rarer, at least a second and at most a week apart', () => {
    const asked = pausesMs(status).filter((pause) => pause !== null);
    expect(asked).toEqual(asked.toSorted((left, right) => left - right));
    expect(asked.every((pause) => pause >= 1_000 && pause <= 7 * DAY * 1_000)).toBe(true);
  });
});

describe('the long run', () => {
  it.each<[PaymentStatus, number]>([
    ['inDoubt', DAY],
    ['processing', DAY],
    ['requiresAction', DAY],
  ])('of %s has an inquiry every %s seconds and never ends', (status, seconds) => {
    expect(inquiryDelayMs(status, 1_000_000)).toBe(seconds * 1_000);
  });

  it('of a success covers the half year in which a card holder can dispute', () => {
    const totalMs = pausesMs('succeeded').reduce<number>((sum, pause) => sum + (pause ?? 0), 0);
    expect(totalMs / (DAY * 1_000)).toBeGreaterThanOrEqual(178);
    expect(totalMs / (DAY * 1_000)).toBeLessThan(184);
  });
});
