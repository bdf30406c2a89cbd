// Requests from outside to take a payment's or a refund's next step at once. Each raises a number
// in the row: a step that is under way, and may have looked before the request came, can neither
// overwrite the due time nor stand for the job that follows from it. SQL: LEAST, and row locks in
// one order.
import type { Pool } from 'pg';

/** How many steps a request made due. */
export interface Asked {
  readonly payments: number;
  readonly refunds: number;
}

/** A batch takes milliseconds, and no process waits longer than that for one of its rows. */
const BATCH = 1_000;

/** An earlier due time stays: it may be a step that is overdue already. */
const DUE_NOW = 'next_step_at = LEAST(next_step_at, $1), asks = COALESCE(asks, 0) + 1';

/** Before it is handed over there is nothing to ask the gateway about. */
const PAYMENT = `
UPDATE payment_intents SET ${DUE_NOW} WHERE id = $2 AND status NOT IN ('queued', 'submitting')`;

/** Those with a transID are asked about by it, whatever else the terminal may be asked by. */
const DOUBTS_OF_TERMINAL = `
UPDATE payment_intents SET ${DUE_NOW}
WHERE id IN (
  SELECT id FROM payment_intents WHERE terminal_id = $2 AND status = 'in_doubt' AND trans_id IS NULL AND id > $3
  ORDER BY id LIMIT ${BATCH} FOR NO KEY UPDATE)
RETURNING id`;

/**
 * In the order of an index, and locked in the order of everybody who locks several payments. They
 * take the lane that the terminal has now; a job in the lane before it leaves them to the new one.
 */
const QUEUED_OF_TERMINAL = `
WITH picked AS MATERIALIZED (
  SELECT id, submit_before FROM payment_intents
  WHERE terminal_id = $2 AND status = 'queued' AND (submit_before, id) > ($3, $4)
  ORDER BY submit_before, id LIMIT ${BATCH}
), asked AS (
  UPDATE payment_intents SET ${DUE_NOW}, lane = (SELECT lane FROM terminals WHERE id = $2)
  WHERE id IN (
    SELECT p.id FROM payment_intents p JOIN picked USING (id) WHERE p.status = 'queued'
    ORDER BY p.id FOR NO KEY UPDATE OF p)
)
SELECT id, submit_before AS "submitBefore" FROM picked ORDER BY submit_before, id`;

const QUEUED_REFUNDS_OF_TERMINAL = `
UPDATE refunds SET ${DUE_NOW}
WHERE id IN (
  SELECT r.id FROM refunds r JOIN payment_intents p ON p.id = r.payment_id
  WHERE p.terminal_id = $2 AND r.status = 'queued' AND r.next_step_at IS NOT NULL
  ORDER BY r.id FOR NO KEY UPDATE OF r)`;

/**
 * In doubt without a next step, and there is a way to ask all the same: the terminal has changed
 * since, or a callback named the transID.
 */
const GIVEN_UP_TOO_SOON = `
UPDATE payment_intents SET ${DUE_NOW}
WHERE id IN (
  SELECT p.id FROM payment_intents p JOIN terminals t ON t.id = p.terminal_id
  WHERE p.status = 'in_doubt' AND p.next_step_at IS NULL AND (p.trans_id IS NOT NULL OR t.inquiry <> 'trans_id')
  ORDER BY p.id LIMIT ${BATCH} FOR NO KEY UPDATE OF p SKIP LOCKED)`;

export class Asks {
  constructor(private readonly pool: Pool) {}

  /**
   * Has the gateway asked about a payment now, if it was ever handed over. The inquiry takes no
   * place of the payment's schedule.
   */
  async payment(id: string, now: Date): Promise<void> {
    await this.pool.query(PAYMENT, [now, id]);
  }

  /**
   * Has the gateway asked now about every payment in doubt of a terminal that has no transID.
   * Resolves with their number. Commits in batches: what it was called for must be committed, and
   * whoever dies in between calls it again.
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
   * Has everything of a terminal that waits to be sent, sent now, on the terminal's lane. Commits
   * in batches, as {@link doubtsOf}.
   */
  async queuedOf(terminalId: string, now: Date): Promise<Asked> {
    const refunds = await this.pool.query(QUEUED_REFUNDS_OF_TERMINAL, [now, terminalId]);
    let payments = 0;
    for (let after: readonly [Date | '-infinity', string] = ['-infinity', '']; ;) {
      const { rows } = await this.pool.query<{ id: string; submitBefore: Date }>(
        QUEUED_OF_TERMINAL,
        [now, terminalId, ...after],
      );
      payments += rows.length;
      const last = rows.at(-1);
      if (!last || rows.length < BATCH) return { payments, refunds: refunds.rowCount ?? 0 };
      after = [last.submitBefore, last.id];
    }
  }

  /**
   * Has the gateway asked now about payments that were given up because there was no way to ask,
   * where there is one now. `'again'` when there may be more.
   */
  async givenUpTooSoon(now: Date): Promise<'again' | undefined> {
    const { rowCount } = await this.pool.query(GIVEN_UP_TOO_SOON, [now]);
    return rowCount === BATCH ? 'again' : undefined;
  }
}
