// Counts requests for new payments by their result, for operators.
import { Injectable } from '@nestjs/common';
import { Conflict, InvalidRequest, Metrics, Unavailable } from '@quittance/platform';
import { isDatabaseUnavailable } from '@quittance/persistence';
import type { Accepted } from './payment-intake.js';

type Outcome = 'accepted' | 'replayed' | 'conflict' | 'invalid' | 'unavailable';

@Injectable()
export class IntakeCounter {
  readonly #total: { inc(labels: { outcome: Outcome }): void };

  constructor(metrics: Metrics) {
    this.#total = metrics.counter({
      name: 'intake_total',
      help: 'Requests for new payments, by result.',
      labels: ['outcome'],
    });
  }

  /**
   * Counts the result or the failure and passes it on. Our own bugs are not counted here: they show
   * as 500s.
   */
  async counted(accepting: Promise<Accepted>): Promise<Accepted> {
    try {
      const accepted = await accepting;
      this.#total.inc({ outcome: accepted.isReplayed ? 'replayed' : 'accepted' });
      return accepted;
    } catch (error) {
      const outcome = outcomeOf(error);
      if (outcome) this.#total.inc({ outcome });
      throw error;
    }
  }
}

function outcomeOf(error: unknown): Outcome | undefined {
  if (error instanceof InvalidRequest) return 'invalid';
  if (error instanceof Conflict) return 'conflict';
  const isUnavailable = error instanceof Unavailable || isDatabaseUnavailable(error);
  return isUnavailable ? 'unavailable' : undefined;
}
