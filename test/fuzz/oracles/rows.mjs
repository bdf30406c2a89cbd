// Judges what is stored, row by row, by rules written for this purpose and not taken from the code that stores.

const NOT_TEXT = /[\p{Cc}\p{Cs}]/u;
const REFERENCE = /^[A-Za-z0-9._-]{1,64}$/;
const AMOUNT_END = 10n ** 10n;

/** Every text in a value, names of members too. */
function* textsIn(value) {
  if (typeof value === 'string') yield value;
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    yield name;
    yield* textsIn(member);
  }
}

/** Control characters, NUL and halves of surrogate pairs: nothing that is stored holds any. */
export function textProblems(row) {
  const bad = [...textsIn(row)].find((text) => NOT_TEXT.test(text));
  return bad === undefined
    ? []
    : [`holds the unprintable text ${JSON.stringify(bad).slice(0, 60)}`];
}

const wrong = (rules) => Object.keys(rules).filter((name) => !rules[name]);

/** What is wrong with a row of `payment_intents`, as JSON with amounts as text. */
export function paymentProblems(row) {
  const {
    amount_minor: amount,
    refunded_minor: refunded,
    card_first6: first6,
    card_last4: last4,
  } = row;
  return [
    ...textProblems(row),
    ...wrong({
      reference: REFERENCE.test(row.reference) && /[A-Za-z]/.test(row.reference),
      amount_minor: BigInt(amount) > 0n && BigInt(amount) < AMOUNT_END,
      refunded_minor: BigInt(refunded) >= 0n && BigInt(refunded) <= BigInt(amount),
      currency: /^[A-Z]{3}$/.test(row.currency),
      product_name: row.product_name.trim() !== '' && row.product_name.length <= 200,
      return_url: /^https?:\/\//.test(row.return_url) && URL.canParse(row.return_url),
      card: first6 === null ? last4 === null : /^\d{6}$/.test(first6) && /^\d{4}$/.test(last4),
      sealed_card: row.sealed_card === null || row.status === 'queued',
      metadata: Object.keys(row.metadata).length <= 20,
      version: row.version >= 1,
      trans_id: row.trans_id === null || /^\d{1,19}$/.test(row.trans_id),
    }).map((name) => `has a wrong ${name}`),
  ];
}

/** What is wrong with a row of `refunds`. */
export function refundProblems(row) {
  return [
    ...textProblems(row),
    ...wrong({
      reference: REFERENCE.test(row.reference),
      amount_minor: BigInt(row.amount_minor) > 0n && BigInt(row.amount_minor) < AMOUNT_END,
    }).map((name) => `has a wrong ${name}`),
  ];
}

/**
 * Rows that nobody was told of, and answers nobody stored.
 * @param {{ id: string, reference: string }[]} stored
 * @param {{ told: Set<string>, unanswered: Set<string> }} answers ids of every 2xx, and references of requests that were cut off
 */
export function promiseProblems(stored, { told, unanswered }) {
  const ids = new Set(stored.map(({ id }) => id));
  const untold = stored.filter(({ id, reference }) => !told.has(id) && !unanswered.has(reference));
  return [
    ...untold.map(({ reference }) => `${reference} is stored, but nobody was told 2xx`),
    ...[...told].filter((id) => !ids.has(id)).map((id) => `${id} was told, but is not stored`),
  ];
}
