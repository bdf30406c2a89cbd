// Finds payments of all merchants by any of their names, for operators. Each form has a query of
// its own that uses an index, so that a search costs the same in a large database. SQL: Prisma
// would choose one plan for all forms.
import type { Reads } from '../replica/reads.js';

/** The form of a text that operators look for. */
export type SearchForm = 'payment' | 'refund' | 'event' | 'reference' | 'transaction' | 'last_four';

/** A payment that was found. `minor` is in minor units. */
export interface FoundPayment {
  readonly id: string;
  readonly reference: string;
  readonly merchant: string;
  readonly terminal: string;
  readonly minor: string;
  readonly currency: string;
  readonly method: string;
  readonly status: string;
  readonly last4: string | null;
  readonly created_at: Date;
  /** The member that has the text. */
  readonly matched: string;
}

/** A person reads no more. */
const FOUND_MAX = 25;
/**
 * The digits of a card have no index, which each payment would pay for. The newest payments are
 * read, in the order of the primary key.
 */
const LAST_FOUR_AMONG = 200_000;

const found = (matched: string) => `
SELECT p.id, p.reference, m.name AS merchant, t.name AS terminal, p.amount_minor::text AS minor, p.currency, p.method,
  p.status::text AS status, p.card_last4 AS last4, p.created_at, '${matched}' AS matched
FROM payment_intents p JOIN merchants m ON m.id = p.merchant_id JOIN terminals t ON t.id = p.terminal_id`;

/** One look-up for each merchant, by the index that begins with the merchant. */
const ofMerchants = (matched: string, condition: string) => `
SELECT f.* FROM merchants m CROSS JOIN LATERAL (
  ${found(matched)} WHERE p.merchant_id = m.id AND ${condition} ORDER BY p.id DESC LIMIT ${FOUND_MAX}) f`;

const REFUND = `
SELECT f.* FROM refunds r CROSS JOIN LATERAL (${found('refund')} WHERE p.id = r.payment_id) f WHERE r.id = $1`;

const QUERIES: Readonly<Record<SearchForm, string>> = {
  payment: `${found('id')} WHERE p.id = $1`,
  refund: REFUND,
  // The event of a payment, or of a refund.
  event: `${found('event')} WHERE p.id = 'pi_' || $1
    UNION ALL ${REFUND.replace('$1', `'re_' || $1`)}`,
  reference: `
    ${ofMerchants('reference', 'p.reference = $1')} UNION ALL
    ${ofMerchants('order_id', 'p.order_id = $1 AND p.reference <> $1')} UNION ALL
    SELECT f.* FROM merchants m JOIN refunds r ON r.merchant_id = m.id AND r.reference = $1
      CROSS JOIN LATERAL (${found('refund')} WHERE p.id = r.payment_id) f`,
  transaction: `${found('trans_id')} WHERE p.trans_id = $1`,
  last_four: `${found('card')}
    WHERE p.id = ANY (ARRAY(
      SELECT id FROM (
        SELECT id, card_last4 FROM payment_intents ORDER BY id DESC LIMIT ${LAST_FOUR_AMONG}) newest
      WHERE card_last4 = $1 ORDER BY id DESC LIMIT ${FOUND_MAX}))`,
};

export class PaymentSearch {
  constructor(private readonly reads: Reads) {}

  /** Returns the payments that have the text in this form, newest first, 25 at most. */
  async find(form: SearchForm, text: string): Promise<FoundPayment[]> {
    const sql = `SELECT * FROM (${QUERIES[form]}) all_found ORDER BY created_at DESC, id DESC LIMIT ${FOUND_MAX}`;
    // A name is looked up to act on the payment. A card reads many rows, for a list.
    const source = form === 'last_four' ? this.reads.recent : this.reads.primary;
    return (await source.query<FoundPayment>(sql, [text])).rows;
  }
}
