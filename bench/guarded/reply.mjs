// Writes what became of an attempt.
import { moved, snapshot } from './payment.mjs';
import { STORE_REPLY } from './statements.mjs';

/**
 * Closes the attempt and, unless a callback was faster, moves the payment.
 * @param {import('pg').Pool} database
 * @param {object} row the payment as it was fenced
 * @param {object} changes of `gateway-word.mjs`
 * @param {{ cause: 'reply' | 'sweeper', httpStatus?: number }} how
 */
export async function storeReply(database, row, changes, { cause, httpStatus }) {
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
