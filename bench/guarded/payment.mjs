// A payment's row, as the public sees it and as it will be after a move.

/**
 * What callers and events get: `payment_intent` of api.md, as far as this version knows its fields.
 * @param {object} row of `payments`
 */
export function paymentIntent(row) {
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

/**
 * The row as it will be after a move; `version` is the sequence of the event that tells it.
 * @param {object} row @param {object} changes columns @param {Date} at
 */
export function moved(row, changes, at) {
  return { ...row, ...changes, version: row.version + 1, updated_at: at };
}

/** A row's snapshot for its event. */
export function snapshot(row) {
  return JSON.stringify(paymentIntent(row));
}
