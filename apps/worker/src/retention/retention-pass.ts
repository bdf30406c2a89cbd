// Ends old data of finished payments: history, then personal data, then the payments themselves. It
// is the least urgent work of the worker, so it takes a small share of one connection and waits
// while others need one.
import { Injectable } from '@nestjs/common';
import { Retention, RETENTION_KINDS, type RetentionKind } from '@quittance/persistence';
import { Clock, Metrics } from '@quittance/platform';
import { Pool } from 'pg';
import { setTimeout as pause } from 'node:timers/promises';
import { RetentionSettings } from '../config.js';

/** Payments that a batch reads, at most and at least. */
const BATCH_MAX = 200;
const BATCH_MIN = 10;
/** A batch that takes longer holds its rows for too long: the next one is half as large. */
const BATCH_LIMIT_MS = 250;
/** The pause after a batch, in durations of it: one connection works for a fifth of the time. */
const PAUSES = 4;
const PAUSE_MIN_MS = 20;
/** The pause while other work waits for a connection. */
const BUSY_PAUSE_MS = 1_000;

@Injectable()
export class RetentionPass {
  readonly #ended;
  #limit = BATCH_MAX;

  constructor(
    private readonly retention: Retention,
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly settings: RetentionSettings,
    metrics: Metrics,
  ) {
    this.#ended = metrics.counter({
      name: 'retention_ended_total',
      help: 'Finished payments of which a kind of data was ended.',
      labels: { kind: RETENTION_KINDS },
    });
  }

  /** Ends what is due, batch after batch, until nothing is left or `signal` aborts. */
  async end(signal: AbortSignal): Promise<void> {
    for (const kind of RETENTION_KINDS) {
      while (!signal.aborted && (await this.#endBatch(kind, signal)));
    }
  }

  /** Resolves with true while the walk has more. */
  async #endBatch(kind: RetentionKind, signal: AbortSignal): Promise<boolean> {
    if (this.pool.waitingCount > 0) {
      await resting(BUSY_PAUSE_MS, signal);
      return true;
    }
    const began = performance.now();
    const { ended, hasMore } = await this.retention.endBatch({
      kind,
      keepDays: this.#keepDays(kind),
      now: this.clock.now(),
      limit: this.#limit,
    });
    this.#ended.inc({ kind }, ended);
    const tookMs = performance.now() - began;
    this.#limit =
      tookMs > BATCH_LIMIT_MS
        ? Math.max(BATCH_MIN, Math.floor(this.#limit / 2))
        : Math.min(BATCH_MAX, this.#limit + BATCH_MIN);
    if (hasMore) await resting(Math.max(PAUSE_MIN_MS, tookMs * PAUSES), signal);
    return hasMore;
  }

  #keepDays(kind: RetentionKind): number | null {
    const { personalDataDays, historyDays, paymentsDays } = this.settings;
    const ages = { personal_data: personalDataDays, history: historyDays, payments: paymentsDays };
    const days = ages[kind];
    return days === 0 ? null : days;
  }
}

/** Ends early, without an error, when the process stops. */
async function resting(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal }).catch(() => undefined);
}
