// Refunds in Postgres. They are rare compared to payments, so each has its own statements. If a
// decision moves the payment too, one transaction writes both, the payment by the same statement as
// every other transition of it.
import { type Payment, type Refund, type RefundedPayment, refundView } from '@quittance/payments';
import { InvariantViolation, Unavailable } from '@quittance/platform';
import { inTransaction } from '@quittance/postgres';
import { DatabaseError, type Pool, type PoolClient } from 'pg';
import type { Release } from '../due-payments.js';
import { type LoadedPaymentRow, paymentOf } from '../payment-row.js';
import { onConnection } from '../run-statement.js';
import { LOAD } from '../statements.js';
import { recordRefundChange, type RefundChange } from './refund-change.js';
import { refundInsertColumns, refundOf, type RefundRow } from './refund-row.js';
import {
  CLAIM_DUE_REFUNDS,
  LOAD_REFUND,
  LOAD_REFUND_OF_PAYMENT,
  LOAD_REFUND_BY_REFERENCE,
  OPENED_REFUND_ATTEMPT,
  RELEASE_DUE_REFUNDS,
  REQUEST_REFUND,
  SHARES_TRANSACTION,
} from './refund-statements.js';

/** A refund and its payment, loaded for a decision. */
export interface LoadedRefund extends RefundedPayment {
  /**
   * The version of the payment's terminal when the payment was read: see {@link Terminals.load}.
   */
  readonly terminalVersion: string;
}

/** A refund whose next step is due. */
export interface DueRefund {
  readonly refundId: string;
  readonly merchantId: string;
  readonly version: number;
  readonly inquiries: number;
  readonly asks: number;
}

/** Called after each commit. A new refund has no change. */
export type OnRefundCommitted = (refund: Refund, change: RefundChange | null) => void;

/** Losing the race this often in a row means that something rewrites the refund without end. */
const RACES_MAX = 20;

const UNIQUE_VIOLATION = '23505';

export class Refunds {
  readonly #pool: Pool;
  readonly #onCommitted: OnRefundCommitted;

  constructor(pool: Pool, onCommitted: OnRefundCommitted = () => undefined) {
    this.#pool = pool;
    this.#onCommitted = onCommitted;
  }

  /**
   * Commits a new refund and reserves its amount on the payment. Otherwise writes nothing:
   * `referenceTaken` if the merchant has used the reference before, for a refund that is stored or
   * was deleted, `notReservable` if the payment cannot reserve the amount (any more).
   */
  async request(refund: Refund): Promise<'reserved' | 'referenceTaken' | 'notReservable'> {
    const values = [refundInsertColumns(refund), refundView(refund)].map((row) =>
      JSON.stringify(row),
    );
    try {
      const { rowCount } = await this.#pool.query({ ...REQUEST_REFUND, values });
      if (rowCount === 0) return 'notReservable';
    } catch (error) {
      if (isTakenReference(error)) return 'referenceTaken';
      throw error;
    }
    this.#onCommitted(refund, null);
    return 'reserved';
  }

  /**
   * True when the payment's transaction may be another payment's as well: then it moves money for
   * neither.
   */
  async sharesTransaction(paymentId: string): Promise<boolean> {
    const { rowCount } = await this.#pool.query({ ...SHARES_TRANSACTION, values: [paymentId] });
    return rowCount === 1;
  }

  /** Loads a refund and its payment. */
  async load(id: string): Promise<LoadedRefund | undefined> {
    const refund = await this.#find(LOAD_REFUND, [id]);
    return refund && this.#withPayment(refund);
  }

  /** Loads the refund that has a payment's reservation, if there is one, and the payment. */
  async loadOfPayment(paymentId: string): Promise<LoadedRefund | undefined> {
    const refund = await this.#find(LOAD_REFUND_OF_PAYMENT, [paymentId]);
    return refund && this.#withPayment(refund);
  }

  loadByReference(merchantId: string, reference: string): Promise<Refund | undefined> {
    return this.#find(LOAD_REFUND_BY_REFERENCE, [merchantId, reference]);
  }

  /**
   * Commits a decision. Resolves with false, without writing, if refund or payment has changed
   * since they were loaded.
   */
  async record(change: RefundChange): Promise<boolean> {
    const write = (client: PoolClient) => recordRefundChange(onConnection(client), change);
    const isWritten = await inTransaction(this.#pool, write, {
      shouldCommit: (isDone) => isDone,
    });
    if (isWritten) this.#onCommitted(change.decision.next, change);
    return isWritten;
  }

  /**
   * True when this fence was taken: its change is in the database, though the response to its
   * commit may have been lost.
   */
  async isFenceTaken({ decision, opensAttempt }: RefundChange): Promise<boolean> {
    const { id, attempt } = decision.next;
    const values = [id, attempt, opensAttempt?.openedBy];
    const { rowCount } = await this.#pool.query({ ...OPENED_REFUND_ATTEMPT, values });
    return rowCount === 1;
  }

  /**
   * Commits the change that `plan` makes of the refund. If another change commits first, loads the
   * refund and plans again. Returns `undefined` if `plan` wanted none.
   */
  async apply(
    loaded: RefundedPayment,
    plan: (loaded: RefundedPayment) => RefundChange | undefined,
  ): Promise<RefundChange | undefined> {
    let current = loaded;
    for (let race = 0; race < RACES_MAX; race += 1) {
      const change = plan(current);
      if (!change || (await this.record(change))) return change;
      const { id } = current.refund;
      const reloaded = await this.load(id);
      if (!reloaded) throw new InvariantViolation('refund_vanished', `refund ${id} is gone`);
      current = reloaded;
    }
    throw new Unavailable('unavailable', 'The refund is changing too fast; nothing was written.');
  }

  /**
   * Claims up to `limit` refunds due at `now`; each comes due again at `leaseUntil` unless a step
   * moves it on.
   */
  async claimDue(options: { now: Date; leaseUntil: Date; limit: number }): Promise<DueRefund[]> {
    const values = [options.now, options.leaseUntil, options.limit];
    const { rows } = await this.#pool.query<RefundRow>({ ...CLAIM_DUE_REFUNDS, values });
    return rows.map(({ id, merchant_id: merchantId, version, inquiries, asks }) => ({
      refundId: id,
      merchantId,
      version,
      inquiries,
      asks: asks ?? 0,
    }));
  }

  /** Ends claims early. Refunds that have moved on since are left alone. */
  async releaseDue({ ids, leaseUntil, dueAt }: Release): Promise<void> {
    await this.#pool.query({ ...RELEASE_DUE_REFUNDS, values: [ids, leaseUntil, dueAt] });
  }

  async #find(
    statement: { name: string; text: string },
    values: string[],
  ): Promise<Refund | undefined> {
    const { rows } = await this.#pool.query<RefundRow>({ ...statement, values });
    return rows[0] && refundOf(rows[0]);
  }

  async #withPayment(refund: Refund): Promise<LoadedRefund> {
    const { paymentId } = refund;
    const { rows } = await this.#pool.query<LoadedPaymentRow>({
      ...LOAD,
      values: [JSON.stringify([paymentId])],
    });
    if (!rows[0]) throw new InvariantViolation('payment_vanished', `payment ${paymentId} is gone`);
    const payment = paymentOf(rows[0]);
    return {
      refund,
      payment: refund.status === 'queued' ? await this.#unlessShared(payment) : payment,
      terminalVersion: rows[0].terminal_version,
    };
  }

  /**
   * A request may only concern our own transaction: two payments can have one if the index was
   * missing or came later.
   */
  async #unlessShared(payment: Payment): Promise<Payment> {
    if (payment.transId === null || !(await this.sharesTransaction(payment.id))) return payment;
    return { ...payment, foreignTransIds: new Set([payment.transId]) };
  }
}

const USED_REFERENCE: readonly (string | undefined)[] = [
  'refunds_merchant_id_reference_key',
  'refund_reference_is_used_once',
];

/**
 * True for a reference of a refund that is stored or was deleted: the reservation rejects a second
 * refund of one payment before any index sees it.
 */
function isTakenReference(error: unknown): boolean {
  return (
    error instanceof DatabaseError &&
    error.code === UNIQUE_VIOLATION &&
    USED_REFERENCE.includes(error.constraint)
  );
}
