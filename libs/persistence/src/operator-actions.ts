// What a person did to a payment, committed with the move it caused: neither exists without the other.
import type { Payment } from '@quittance/payments';
import { statusToWire } from '@quittance/payments';
import type { Pool, PoolClient } from 'pg';
import { type Change, changeRow } from './change.js';
import { RECORD } from './statements.js';

/** Who did what, and why. */
export interface OperatorAction {
  readonly operator: string;
  readonly action: 'resolve';
  /** What the person saw, in their words; 1 to 1000 characters without card data. */
  readonly evidence: string;
}

/** An action that was done, as the audit keeps it. */
export interface DoneAction extends OperatorAction {
  readonly at: Date;
  /** Of the move's event. */
  readonly sequence: number;
}

const INSERT = `
INSERT INTO operator_actions (at, operator, action, payment_id, sequence, evidence, before, after)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`;

const LATEST = `
SELECT at, sequence, operator, action, evidence FROM operator_actions
WHERE payment_id = $1 ORDER BY sequence DESC LIMIT 1`;

export class OperatorActions {
  constructor(private readonly pool: Pool) {}

  /** Commits the change, its event and the action together. False when the payment has moved since it was loaded. */
  async record(change: Change, action: OperatorAction): Promise<boolean> {
    const client = await this.pool.connect();
    let failure: Error | undefined;
    try {
      return await recordWith(client, change, action);
    } catch (error) {
      failure = error instanceof Error ? error : new Error('the action was not recorded');
      throw error;
    } finally {
      // A connection whose transaction failed is closed, not reused: that also rolls it back.
      client.release(failure);
    }
  }

  /** The last thing a person did to the payment. */
  async latest(paymentId: string): Promise<DoneAction | undefined> {
    const { rows } = await this.pool.query<DoneAction>(LATEST, [paymentId]);
    return rows[0];
  }
}

async function recordWith(
  client: PoolClient,
  change: Change,
  { operator, action, evidence }: OperatorAction,
): Promise<boolean> {
  const { before, decision } = change;
  const { next } = decision;
  await client.query('BEGIN');
  const { rowCount } = await client.query({
    ...RECORD,
    values: [JSON.stringify([changeRow(change)])],
  });
  const isWritten = rowCount === 1;
  if (isWritten) {
    const values = [next.updatedAt, operator, action, next.id, next.version, evidence];
    await client.query(INSERT, [...values, audited(before), audited(next)]);
  }
  await client.query(isWritten ? 'COMMIT' : 'ROLLBACK');
  return isWritten;
}

/** What an action can change of a payment, and what it was judged by. */
function audited(payment: Payment) {
  return {
    status: statusToWire(payment.status),
    version: payment.version,
    trans_id: payment.transId,
    order_status: payment.orderStatus,
    doubt_reason: payment.doubtReason,
    failure: payment.failure,
    flags: payment.flags,
  };
}
