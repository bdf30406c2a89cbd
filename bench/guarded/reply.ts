// Writes what became of an attempt.
import type { Pool } from 'pg';
import { moved, snapshot, type Changes, type Row } from './payment.js';
import { STORE_REPLY } from './statements.js';

/** Where a reply comes from: the gateway's, or none for so long that the sweeper gives up on it. */
export interface ReplyOrigin {
  readonly cause: 'reply' | 'sweeper';
  readonly httpStatus?: number | undefined;
}

/**
 * Closes the attempt and, unless a callback was faster, moves the payment. `row` is the payment as
 * it was fenced.
 */
export async function storeReply(
  database: Pool,
  row: Row,
  changes: Changes,
  { cause, httpStatus }: ReplyOrigin,
): Promise<void> {
  const at = new Date();
  const next = moved(row, changes, at);
  await database.query({
    ...STORE_REPLY,
    values: [
      row.id,
      row.version,
      next.status,
      next.trans_id,
      next.order_status,
      next.gateway_response,
      next.auth_url,
      next.doubt_reason,
      next.sealed_card,
      at,
      next.status === 'queued' ? 'not_sent' : next.status,
      httpStatus,
      row.epoch,
      cause,
      snapshot(next),
      next.status === 'queued' ? 'submit' : 'event',
    ],
  });
}
