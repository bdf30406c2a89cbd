// Counts requests for new payments by their result, for operators.
import { Injectable } from '@nestjs/common';
import { AccessDenied, Conflict, InvalidRequest, Metrics, Unavailable } from '@quittance/platform';
import { isDatabaseUnavailable } from '@quittance/persistence';
import type { Accepted } from './payment-intake.js';

/** The ways in. */
const DOORS = ['http', 'batch', 'job', 'drop_in'] as const;
export type Door = (typeof DOORS)[number];

const OUTCOMES = ['accepted', 'replayed', 'conflict', 'invalid', 'denied', 'unavailable'] as const;
type Outcome = (typeof OUTCOMES)[number];

@Injectable()
export class IntakeCounter {
  readonly #total: { inc(labels: { outcome: Outcome; door: Door }): void };

  constructor(metrics: Metrics) {
    this.#total = metrics.counter({
      name: 'intake_total',
      help: 'Requests for new payments, by result and way in.',
      labels: { outcome: OUTCOMES, door: DOORS },
    });
  }

  /**
   * Counts the result or the failure and passes it on. Our own bugs are not counted here: they show
   * as 500s.
   */
  async counted(accepting: Promise<Accepted>, door: Door): Promise<Accepted> {
    try {
      const accepted = await accepting;
      this.#total.inc({ outcome: accepted.isReplayed ? 'replayed' : 'accepted', door });
      return accepted;
    } catch (error) {
      const outcome = outcomeOf(error);
      if (outcome) this.#total.inc({ outcome, door });
      throw error;
    }
  }
}

/** Limits and shed requests have counters of their own. */
const COUNTED_ELSEWHERE = new Set(['too_many_requests', 'overloaded']);

function outcomeOf(error: unknown): Outcome | undefined {
  if (error instanceof InvalidRequest) return 'invalid';
  if (error instanceof Conflict) return 'conflict';
  if (error instanceof AccessDenied) return 'denied';
  if (error instanceof Unavailable && COUNTED_ELSEWHERE.has(error.code)) return undefined;
  const isUnavailable = error instanceof Unavailable || isDatabaseUnavailable(error);
  return isUnavailable ? 'unavailable' : undefined;
}
