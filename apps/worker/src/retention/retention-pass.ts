// Ends old data: history of finished payments, then their personal data, then the payments
// themselves, then batches. It is the least urgent work of the worker, so it takes a small share of
// one connection and waits while others need one.
import { Injectable } from '@nestjs/common';
import { Retention, RETENTION_KINDS, type RetentionKind } from '@quittance/persistence';
import { Clock, Metrics } from '@quittance/platform';
import { Pool } from 'pg';
import { setTimeout as pause } from 'node:timers/promises';
import { RetentionSettings } from '../config.js';

/** Rows that a step reads, at most and at least. */
const STEP_MAX = 200;
const STEP_MIN = 10;
/** A step that takes longer holds its rows for too long: the next one is half as large. */
const STEP_LIMIT_MS = 250;
/** The pause after a step, in durations of it: one connection works for a fifth of the time. */
const PAUSES = 4;
const PAUSE_MIN_MS = 20;
/** The pause while other work waits for a connection. */
const BUSY_PAUSE_MS = 1_000;

@Injectable()
export class RetentionPass {
  readonly #ended;
  #limit = STEP_MAX;

  constructor(
    private readonly retention: Retention,
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly settings: RetentionSettings,
    metrics: Metrics,
  ) {
    this.#ended = metrics.counter({
      name: 'retention_ended_total',
      help: 'Finished payments of which a kind of data was ended, and batches that ended.',
      labels: { kind: RETENTION_KINDS },
    });
  }

  /** Ends what is due, step after step, until nothing is left or `signal` aborts. */
  async end(signal: AbortSignal): Promise<void> {
    for (const kind of RETENTION_KINDS) {
      while (!signal.aborted && (await this.#endStep(kind, signal)));
    }
  }

  /** Resolves with true while the walk has more. */
  async #endStep(kind: RetentionKind, signal: AbortSignal): Promise<boolean> {
    if (this.pool.waitingCount > 0) {
      await resting(BUSY_PAUSE_MS, signal);
      return true;
    }
    const began = performance.now();
    const { ended, hasMore } = await this.retention.endStep({
      kind,
      keepDays: this.#keepDays(kind),
      now: this.clock.now(),
      limit: this.#limit,
    });
    this.#ended.inc({ kind }, ended);
    const tookMs = performance.now() - began;
    this.#limit =
      tookMs > STEP_LIMIT_MS
        ? Math.max(STEP_MIN, Math.floor(this.#limit / 2))
        : Math.min(STEP_MAX, this.#limit + STEP_MIN);
    if (hasMore) await resting(Math.max(PAUSE_MIN_MS, tookMs * PAUSES), signal);
    return hasMore;
  }

  #keepDays(kind: RetentionKind): number | null {
    const { personalDataDays, historyDays, paymentsDays, batchesDays } = this.settings;
    const ages = {
      personal_data: personalDataDays,
      history: historyDays,
      payments: paymentsDays,
      batches: batchesDays,
    };
    const days = ages[kind];
    return days === 0 ? null : days;
  }
}

/** Ends early, without an error, when the process stops. */
async function resting(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal }).catch(() => undefined);
}
