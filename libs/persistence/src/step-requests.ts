// Requests from outside to take the next step of a payment or refund now. Each raises a counter in
// the row. A step in progress, which may have read the row before the request, can then neither
// overwrite the due time nor stand for the job that follows from the request. SQL: LEAST, and row
// locks in one order.
import type { Pool } from 'pg';
import { WITH_QUEUED_LANES } from './queued-lanes.js';

/** The number of steps that a request made due. */
export interface RequestedSteps {
  readonly payments: number;
  readonly refunds: number;
}

/** A batch takes milliseconds, which bounds how long another process waits for one of its rows. */
const BATCH = 1_000;

/** An earlier due time stays: it may belong to a step that is overdue already. */
const DUE_NOW = 'next_step_at = LEAST(next_step_at, $1), asks = COALESCE(asks, 0) + 1';

/** A payment that was not handed over has nothing to inquire about. */
const PAYMENT = `
UPDATE payment_intents SET ${DUE_NOW} WHERE id = $2 AND status NOT IN ('queued', 'submitting')`;

/**
 * The inquiry about a payment with a transID uses it, whatever the terminal's method of inquiry.
 */
const DOUBTS_OF_TERMINAL = `
UPDATE payment_intents SET ${DUE_NOW}
WHERE id = ANY (ARRAY(
  SELECT id FROM payment_intents WHERE terminal_id = $2 AND status = 'in_doubt' AND trans_id IS NULL AND id > $3
  ORDER BY id LIMIT ${BATCH} FOR NO KEY UPDATE))
RETURNING id`;

/**
 * The lanes that have queued payments, the terminal's own first: a payment that moves there from
 * another lane is then not read twice.
 */
const LANES_TO_READ = `${WITH_QUEUED_LANES}
SELECT lane FROM lanes ORDER BY lane <> (SELECT lane FROM terminals WHERE id = $1), lane`;

/**
 * Reads a lane in the order of an index, and locks in the order common to all statements that lock
 * several payments. The payments move to the lane that the terminal has now; a job in the previous
 * lane leaves them to the new one.
 */
const QUEUED_OF_TERMINAL = `
WITH picked AS MATERIALIZED (
  SELECT id, submit_before FROM payment_intents
  WHERE terminal_id = $2 AND status = 'queued' AND lane = $3 AND (submit_before, id) > ($4, $5)
  ORDER BY submit_before, id LIMIT ${BATCH}
), asked AS (
  UPDATE payment_intents SET ${DUE_NOW}, lane = (SELECT lane FROM terminals WHERE id = $2)
  WHERE id = ANY (ARRAY(
    SELECT p.id FROM payment_intents p JOIN picked USING (id) WHERE p.status = 'queued'
    ORDER BY p.id FOR NO KEY UPDATE OF p))
)
SELECT id, submit_before AS "submitBefore" FROM picked ORDER BY submit_before, id`;

const QUEUED_REFUNDS_OF_TERMINAL = `
UPDATE refunds SET ${DUE_NOW}
WHERE id = ANY (ARRAY(
  SELECT r.id FROM refunds r JOIN payment_intents p ON p.id = r.payment_id
  WHERE p.terminal_id = $2 AND r.status = 'queued' AND r.next_step_at IS NOT NULL
  ORDER BY r.id FOR NO KEY UPDATE OF r))`;

/**
 * Payments in doubt without a next step that can be inquired about now: the terminal has changed
 * since, or a callback named the transID.
 */
const GIVEN_UP_TOO_SOON = `
UPDATE payment_intents SET ${DUE_NOW}
WHERE id = ANY (ARRAY(
  SELECT p.id FROM payment_intents p JOIN terminals t ON t.id = p.terminal_id
  WHERE p.status = 'in_doubt' AND p.next_step_at IS NULL AND (p.trans_id IS NOT NULL OR t.inquiry <> 'trans_id')
  ORDER BY p.id LIMIT ${BATCH} FOR NO KEY UPDATE OF p SKIP LOCKED))`;

export class StepRequests {
  constructor(private readonly pool: Pool) {}

  /**
   * Makes an inquiry about a payment due now, if it was ever handed over. The inquiry uses up no
   * entry of the payment's schedule.
   */
  async payment(id: string, now: Date): Promise<void> {
    await this.pool.query(PAYMENT, [now, id]);
  }

  /**
   * Makes inquiries due now for all payments in doubt of a terminal that have no transID. Resolves
   * with their number. Commits in batches: call it after the commit of its reason, and again after
   * a crash in between.
   */
  async doubtsOf(terminalId: string, now: Date): Promise<number> {
    let count = 0;
    for (let after = ''; ;) {
      const values = [now, terminalId, after];
      const { rows } = await this.pool.query<{ id: string }>(DOUBTS_OF_TERMINAL, values);
      count += rows.length;
      if (rows.length < BATCH) return count;
      after =
        rows
          .map(({ id }) => id)
          .toSorted()
          .at(-1) ?? '';
    }
  }

  /**
   * Makes all queued payments of a terminal due now, on the terminal's lane. Commits in batches, as
   * {@link doubtsOf} does.
   */
  async queuedOf(terminalId: string, now: Date): Promise<RequestedSteps> {
    const refunds = await this.pool.query(QUEUED_REFUNDS_OF_TERMINAL, [now, terminalId]);
    const lanes = await this.pool.query<{ lane: string }>(LANES_TO_READ, [terminalId]);
    let payments = 0;
    for (const { lane } of lanes.rows) payments += await this.#queuedIn(lane, terminalId, now);
    return { payments, refunds: refunds.rowCount ?? 0 };
  }

  /**
   * Makes inquiries due now for payments without a next step that can be inquired about after all.
   * Returns `'again'` when there may be more.
   */
  async doubtsWithoutStep(now: Date): Promise<'again' | undefined> {
    const { rowCount } = await this.pool.query(GIVEN_UP_TOO_SOON, [now]);
    return rowCount === BATCH ? 'again' : undefined;
  }

  async #queuedIn(lane: string, terminalId: string, now: Date): Promise<number> {
    let count = 0;
    for (let after: readonly [Date | '-infinity', string] = ['-infinity', '']; ;) {
      const { rows } = await this.pool.query<{ id: string; submitBefore: Date }>(
        QUEUED_OF_TERMINAL,
        [now, terminalId, lane, ...after],
      );
      count += rows.length;
      const last = rows.at(-1);
      if (!last || rows.length < BATCH) return count;
      after = [last.submitBefore, last.id];
    }
  }
}
