// The inquiries about payments in doubt and their answers: operators read them, and they decide if
// an absence counts. SQL: the worker uses them with every inquiry.
import type { PastInquiry, InquiryAnswer } from '@quittance/payments';
import type { Pool } from 'pg';
import type { Terminal } from './terminals.js';

/** One inquiry and its answer. */
export interface DoubtInquiry {
  readonly askedAt: Date;
  readonly strategy: Terminal['inquiry'];
  readonly answer: InquiryAnswer['kind'];
  /** A reason or an order_status; never a body. */
  readonly detail: string | null;
}

/** The input of the decision if an absence counts. */
export interface AbsenceFacts {
  /** The inquiries, oldest first. */
  readonly asked: readonly PastInquiry[];
  /** When the reply to the last attempt was due: no byte of it can have left afterwards. */
  readonly replyDueAt: Date | null;
}

const INSERT = `
INSERT INTO doubt_inquiries (payment_id, asked_at, strategy, answer, detail)
VALUES ($1, $2, $3, $4, $5)`;

const ASKED = `
SELECT asked_at AS "askedAt", strategy, answer FROM doubt_inquiries WHERE payment_id = $1 ORDER BY id`;

const REPLY_DUE = `SELECT max(deadline_at) AS due FROM submission_attempts WHERE payment_id = $1`;

/** Newest first: ids grow with time. */
const KNOWN_REFERENCE = `
SELECT reference FROM payment_intents
WHERE merchant_id = (SELECT merchant_id FROM terminals WHERE id = $1) AND terminal_id = $1
  AND trans_id IS NOT NULL AND status <> 'in_doubt' AND id <> $2
ORDER BY id DESC LIMIT 1`;

export class DoubtInquiries {
  constructor(private readonly pool: Pick<Pool, 'query'>) {}

  async add(paymentId: string, { askedAt, strategy, answer, detail }: DoubtInquiry): Promise<void> {
    await this.pool.query(INSERT, [paymentId, askedAt, strategy, WIRE[answer], detail]);
  }

  async absenceFacts(paymentId: string): Promise<AbsenceFacts> {
    const [asked, due] = await Promise.all([
      this.pool.query<{ askedAt: Date; strategy: string; answer: string }>(ASKED, [paymentId]),
      this.pool.query<{ due: Date | null }>(REPLY_DUE, [paymentId]),
    ]);
    return {
      asked: asked.rows.map(({ askedAt, strategy, answer }) => ({
        askedAt,
        isProbe: strategy === 'probe',
        answer: FROM_WIRE[answer] ?? 'unanswered',
      })),
      replyDueAt: due.rows[0]?.due ?? null,
    };
  }

  /**
   * Returns the reference of another payment of this terminal that the gateway is known to have,
   * because it returned a transID for it.
   */
  async knownReference(terminalId: string, paymentId: string): Promise<string | undefined> {
    const { rows } = await this.pool.query<{ reference: string }>(KNOWN_REFERENCE, [
      terminalId,
      paymentId,
    ]);
    return rows[0]?.reference;
  }
}

const WIRE: Readonly<Record<InquiryAnswer['kind'], string>> = {
  reported: 'reported',
  notFound: 'not_found',
  absent: 'absent',
  existsWithoutDetails: 'exists_without_details',
  unanswered: 'unanswered',
  noWayToAsk: 'no_way_to_ask',
};
const FROM_WIRE = Object.fromEntries(
  Object.entries(WIRE).map(([kind, wire]) => [wire, kind]),
) as Readonly<Record<string, InquiryAnswer['kind']>>;
