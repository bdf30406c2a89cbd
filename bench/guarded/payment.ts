// A payment's row, as the public sees it and as it will be after a move.

import type { StoredRequest } from './create-request.js';

/**
 * A row of `payments`. Columns that a new payment leaves to the database's defaults may be missing.
 */
export interface Row extends StoredRequest {
  readonly id: string;
  readonly status: string;
  readonly version: number;
  readonly epoch?: number;
  readonly sealed_card?: string | null;
  readonly card_last4: string;
  readonly trans_id: string | null;
  readonly order_status?: string | null;
  readonly gateway_response?: string | null;
  readonly auth_url?: string | null;
  readonly doubt_reason: string | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

/** The columns that a move changes. */
export type Changes = Partial<Row> & Pick<Row, 'status'>;

/**
 * What callers and events get: `payment_intent` of api.md, as far as this version knows its fields.
 */
export function paymentIntent(row: Row) {
  const { status } = row;
  return {
    id: row.id,
    object: 'payment_intent',
    reference: row.reference,
    amount: row.amount,
    currency: row.currency,
    method: row.method,
    status,
    next_action: status === 'requires_action' ? { type: 'redirect', url: row.auth_url } : null,
    card: { last4: row.card_last4 },
    gateway: row.trans_id && {
      trans_id: row.trans_id,
      order_status: row.order_status,
      response: row.gateway_response,
    },
    failure: status === 'declined' ? { code: status, message: row.gateway_response } : null,
    doubt_reason: row.doubt_reason,
    version: row.version,
    created_at: row.created_at,
    updated_at: row.updated_at,
  };
}

/** The row as it will be after a move; `version` is the sequence of the event that publishes it. */
export function moved(row: Row, changes: Changes, at: Date): Row {
  return { ...row, ...changes, version: row.version + 1, updated_at: at };
}

/** A row's snapshot for its event. */
export function snapshot(row: Row): string {
  return JSON.stringify(paymentIntent(row));
}
