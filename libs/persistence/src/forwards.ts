// Callbacks that are due to merchants' webhooks. Each transition that a webhook is called for sets
// its payment's forward_at in the same commit (RECORD). SQL: claims that skip locked rows (ADR 37).
import { forwardedStatuses, statusToWire, type WebhookEncryption } from '@quittance/payments';
import type { Pool } from 'pg';
import type { Claim } from './due-payments.js';

/** A payment with callbacks to forward. */
export interface DueForward {
  readonly paymentId: string;
  readonly terminalId: string;
  /** The payment's version when it was claimed. */
  readonly version: number;
  readonly webhookUrl: string;
  readonly encryption: WebhookEncryption;
  /** The sequence of the last event that was forwarded; 0 for none. */
  readonly forwardedVersion: number;
  /** Failed attempts since then. */
  readonly failures: number;
  /** The origins that the operator allows now; empty if the terminal no longer accepts requests. */
  readonly origins: readonly string[];
}

/** An event to forward. */
export interface ForwardedEvent<Snapshot> {
  readonly sequence: number;
  readonly at: Date;
  /** The payment intent right after the transition. */
  readonly snapshot: Snapshot;
}

const CLAIM = {
  name: 'claim_forwards',
  text: `
UPDATE payment_intents p SET forward_at = $2
WHERE id = ANY (ARRAY(
  SELECT id FROM payment_intents WHERE forward_at <= $1
  ORDER BY forward_at LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED))
RETURNING p.id AS "paymentId", p.terminal_id AS "terminalId", p.version, p.webhook_url AS "webhookUrl",
  p.webhook_encryption AS encryption, COALESCE(p.forwarded_version, 0) AS "forwardedVersion",
  COALESCE(p.forward_failures, 0) AS failures,
  COALESCE((SELECT d.callback_origins FROM drop_ins d WHERE d.terminal_id = p.terminal_id), '{}') AS origins`,
};

const PENDING = {
  name: 'pending_forwards',
  text: `
SELECT sequence, created_at AS at, snapshot FROM payment_events
WHERE payment_id = $1 AND sequence > $2 AND status::text = ANY($3) AND snapshot ->> 'gateway' IS NOT NULL
ORDER BY sequence`,
};

const STATUSES = forwardedStatuses.map(statusToWire);

export class Forwards {
  constructor(private readonly pool: Pool) {}

  /** Claims payments whose callbacks are due; each is due again at `leaseUntil`. */
  async claim({ now, leaseUntil, limit }: Claim): Promise<DueForward[]> {
    const values = [now, leaseUntil, limit];
    return (await this.pool.query<DueForward>({ ...CLAIM, values })).rows;
  }

  /** Returns the events that were not forwarded yet, in order. */
  async pending<Snapshot>(due: DueForward): Promise<ForwardedEvent<Snapshot>[]> {
    const values = [due.paymentId, due.forwardedVersion, STATUSES];
    return (await this.pool.query<ForwardedEvent<Snapshot>>({ ...PENDING, values })).rows;
  }

  /** Stores that an event was forwarded, or given up. */
  async passed({ paymentId }: DueForward, sequence: number): Promise<void> {
    await this.pool.query(
      'UPDATE payment_intents SET forwarded_version = $2, forward_failures = NULL WHERE id = $1',
      [paymentId, sequence],
    );
  }

  /** Makes the payment due again. `failures` 0: it was not attempted. */
  async postpone({ paymentId }: DueForward, dueAt: Date, failures: number): Promise<void> {
    await this.pool.query(
      'UPDATE payment_intents SET forward_at = $2, forward_failures = NULLIF($3, 0) WHERE id = $1',
      [paymentId, dueAt, failures],
    );
  }

  /** Nothing is due any more, unless the payment has changed since it was claimed. */
  async finish({ paymentId, version }: DueForward, now: Date): Promise<void> {
    await this.pool.query(
      'UPDATE payment_intents SET forward_at = CASE WHEN version > $2 THEN $3::timestamptz END WHERE id = $1',
      [paymentId, version, now],
    );
  }
}
