// Payments in Postgres. Concurrent calls share one statement (Batcher), so that each payment has
// its own durable commits at a fraction of their cost.
import type { Decision, Payment } from '@quittance/payments';
import { paymentIntentView } from '@quittance/payments';
import { Batcher, inSpan, InvariantViolation, Unavailable } from '@quittance/platform';
import { isRefusedStatement, sqlState } from '@quittance/postgres';
import { DatabaseError, type Pool } from 'pg';
import { type Change, changeRow } from './change.js';
import { insertColumns, type LoadedPaymentRow, paymentOf, type PaymentRow } from './payment-row.js';
import {
  ACCEPT,
  LOAD,
  LOAD_BY_IDEMPOTENCY_KEY,
  LOAD_BY_REFERENCE,
  OPENED_ATTEMPT,
  RECORD,
  USED_BY_DELETED,
} from './statements.js';
import { isTransactionTaken } from './transaction-owner.js';

/** A new payment, with its card encrypted for the worker. */
export interface NewPayment {
  readonly payment: Payment;
  readonly terminalName: string;
  readonly sealedCard: string | null;
}

/** A payment and, while it is `queued`, the encrypted card of its request. */
export interface LoadedPayment {
  readonly payment: Payment;
  readonly sealedCard: string | null;
  /**
   * The version of the payment's terminal when the payment was read: see {@link Terminals.load}.
   */
  readonly terminalVersion: string;
}

interface ReferenceOfMerchant {
  readonly merchantId: string;
  readonly reference: string;
}

/** The input of a plan. */
export type Planned = Pick<LoadedPayment, 'payment' | 'sealedCard'>;

/** Larger batches save little more, and make every call in them wait for one slow statement. */
const BATCH_MAX = 100;
/** The lines of a batch wait for each other in any case, and a commit costs the same for more. */
const BULK_MAX = 250;
/**
 * The statements of a kind in flight: the next batch gathers meanwhile. A second one halves the
 * batches and costs Postgres a tenth more CPU for the same payments (docs/performance.md).
 */
const BATCHES_IN_FLIGHT_MAX = 1;
/**
 * Under load, calls within this time share a statement, which costs Postgres a tenth less. A single
 * call does not wait.
 */
const BATCHES_APART_MS = 25;

/**
 * The longest wait for a turn. While Postgres is silent the batch in flight takes its deadline, and
 * calls meanwhile wait behind it. Under load without a fault a turn comes within a fraction of a
 * second.
 */
const TURN_WITHIN_MS = 5_000;

/**
 * Called after each commit with everything that one statement wrote: to wake the relay, notify
 * waiting callers, and count.
 */
export type OnCommitted = (committed: readonly Committed[]) => void;

/** The effect of a commit on one payment. */
export interface Committed {
  readonly payment: Payment;
  /** The payment as it was; absent for a new one, and if a change of its refund wrote it. */
  readonly before?: Payment;
  /** Null for a new payment. */
  readonly decision: Decision | null;
}

/**
 * Called when Postgres refused a statement for several payments, which are then written one by one.
 * Receives the SQLSTATE alone: the error's message can quote a row.
 */
export type OnRefused = (sqlState: string) => void;

/** Losing the race this often in a row means that something rewrites the payment without end. */
const RACES_MAX = 20;

export class Payments {
  readonly #pool: Pool;
  readonly #onCommitted: OnCommitted;
  readonly #accepts: Batcher<NewPayment, boolean>;
  readonly #bulkAccepts: Batcher<NewPayment, boolean>;
  readonly #lookUps: Batcher<ReferenceOfMerchant, Payment | undefined>;
  readonly #loads: Batcher<string, LoadedPayment | undefined>;
  readonly #changes: Batcher<Change, boolean>;

  constructor(
    pool: Pool,
    onCommitted: OnCommitted = () => undefined,
    onRefused: OnRefused = () => undefined,
  ) {
    this.#pool = pool;
    this.#onCommitted = onCommitted;
    const limits = {
      maxBatch: BATCH_MAX,
      maxConcurrent: BATCHES_IN_FLIGHT_MAX,
      apartMs: BATCHES_APART_MS,
      waitMs: TURN_WITHIN_MS,
      isolateFailures: (error: unknown, size: number) => {
        const isRefused = isRefusedStatement(error);
        if (isRefused && size > 1) onRefused(sqlState(error));
        return isRefused;
      },
    };
    this.#accepts = new Batcher({ ...limits, run: (inputs) => this.#acceptAll(inputs) });
    this.#bulkAccepts = new Batcher({
      ...limits,
      maxBatch: BULK_MAX,
      run: (inputs) => this.#acceptAll(inputs),
    });
    this.#lookUps = new Batcher({ ...limits, run: (wanted) => this.#lookUpAll(wanted) });
    this.#loads = new Batcher({ ...limits, run: (ids) => this.#loadAll(ids) });
    this.#changes = new Batcher({ ...limits, run: (changes) => this.#recordAll(changes) });
  }

  /**
   * Commits a new payment. Resolves with false, without writing, if the merchant has used the
   * reference or the idempotency key before, for a payment that is stored or was deleted. The lines
   * of batches share statements of their own, so that single payments never wait behind thousands
   * of lines.
   */
  async accept(input: NewPayment, isBulk = false): Promise<boolean> {
    const accepts = isBulk ? this.#bulkAccepts : this.#accepts;
    try {
      return await inSpan('payment.commit', {}, () => accepts.submit(input));
    } catch (error) {
      // The payment with this reference was deleted while the statement ran.
      if (isUsedReference(error)) return false;
      throw error;
    }
  }

  load(id: string): Promise<LoadedPayment | undefined> {
    return this.#loads.submit(id);
  }

  loadByReference(merchantId: string, reference: string): Promise<Payment | undefined> {
    return this.#lookUps.submit({ merchantId, reference });
  }

  /** Resolves with the payment whose request had this `Idempotency-Key`. */
  async loadByIdempotencyKey(merchantId: string, key: string): Promise<Payment | undefined> {
    const values = [merchantId, key];
    const { rows } = await this.#pool.query<PaymentRow>({ ...LOAD_BY_IDEMPOTENCY_KEY, values });
    return rows[0] && paymentOf(rows[0]);
  }

  /**
   * Resolves with what a deleted payment of the merchant used: the reference, else the key; with
   * `undefined` if it was neither.
   */
  async usedByDeleted({
    merchantId,
    reference,
    idempotencyKey,
  }: Payment): Promise<'reference' | 'idempotencyKey' | undefined> {
    const values = [merchantId, reference, idempotencyKey];
    const { rows } = await this.#pool.query<{ isReference: true | null; isKey: true | null }>({
      ...USED_BY_DELETED,
      values,
    });
    if (rows[0]?.isReference) return 'reference';
    return rows[0]?.isKey ? 'idempotencyKey' : undefined;
  }

  /**
   * Commits a decision. Resolves with false if the payment has changed since it was loaded: load
   * and decide again.
   */
  record(change: Change): Promise<boolean> {
    const { status } = change.decision.next;
    const attributes = {
      'quittance.status': status,
      'quittance.cause': change.decision.move?.cause ?? 'none',
    };
    return inSpan('payment.record', { attributes }, () => this.#changes.submit(change));
  }

  /**
   * True when this fence was taken: its change is in the database, though the response to its
   * commit may have been lost.
   */
  async isFenceTaken({ decision, opensAttempt }: Change): Promise<boolean> {
    const { id, attempt } = decision.next;
    const values = [id, attempt, opensAttempt?.openedBy];
    const { rowCount } = await this.#pool.query({ ...OPENED_ATTEMPT, values });
    return rowCount === 1;
  }

  /**
   * Commits the change that `plan` makes of the payment. If another change commits first, loads the
   * payment and plans again. Also plans again, with the transaction among `foreignTransIds`, if the
   * change takes another payment's transaction. Returns the committed change, or `undefined` if
   * `plan` wanted none.
   */
  async apply(
    loaded: Planned,
    plan: (loaded: Planned) => Change | undefined,
  ): Promise<Change | undefined> {
    const foreignTransIds = new Set<string>();
    let claimsTransId: string | undefined;
    let current = loaded;
    for (let race = 0; race < RACES_MAX; race += 1) {
      const planned = plan(current);
      if (!planned) return undefined;
      const change = claimsTransId === undefined ? planned : { ...planned, claimsTransId };
      const result = await this.#recordUnlessTaken(change);
      if (result === 'written') return change;
      if (result === 'taken') {
        const transId = takenBy(change, foreignTransIds);
        // Of all evidence that can name a transaction, only the reply to our own request casts
        // doubt on its present owner.
        if (change.closesAttempt) claimsTransId = transId;
        foreignTransIds.add(transId);
      }
      const { id } = current.payment;
      const reloaded = await this.load(id);
      if (!reloaded) throw new InvariantViolation('payment_vanished', `payment ${id} is gone`);
      current = { ...reloaded, payment: { ...reloaded.payment, foreignTransIds } };
    }
    throw new Unavailable('unavailable', 'The payment is changing too fast; nothing was written.');
  }

  async #recordUnlessTaken(change: Change): Promise<'written' | 'overtaken' | 'taken'> {
    try {
      return (await this.record(change)) ? 'written' : 'overtaken';
    } catch (error) {
      if (isTransactionTaken(error)) return 'taken';
      throw error;
    }
  }

  async #acceptAll(inputs: readonly NewPayment[]): Promise<boolean[]> {
    const intents = inputs.map(({ payment, sealedCard }) => insertColumns(payment, sealedCard));
    const snapshots = inputs.map(({ payment, terminalName }) => ({
      id: payment.id,
      snapshot: paymentIntentView(payment, terminalName),
    }));
    const written = await this.#idsWrittenBy(ACCEPT, intents, snapshots);
    const isWritten = inputs.map(({ payment }) => written.has(payment.id));
    this.#tell(
      inputs.filter((_, at) => isWritten[at]).map(({ payment }) => ({ payment, decision: null })),
    );
    return isWritten;
  }

  async #loadAll(ids: readonly string[]): Promise<(LoadedPayment | undefined)[]> {
    const { rows } = await this.#pool.query<LoadedPaymentRow>({
      ...LOAD,
      values: [JSON.stringify(ids)],
    });
    const byId = new Map(rows.map((row) => [row.id, row]));
    return ids.map((id) => {
      const row = byId.get(id);
      if (!row) return undefined;
      const { sealed_card: sealedCard, terminal_version: terminalVersion } = row;
      return { payment: paymentOf(row), sealedCard, terminalVersion };
    });
  }

  async #lookUpAll(wanted: readonly ReferenceOfMerchant[]): Promise<(Payment | undefined)[]> {
    const values = [
      wanted.map(({ merchantId }) => merchantId),
      wanted.map(({ reference }) => reference),
    ];
    const { rows } = await this.#pool.query<PaymentRow>({ ...LOAD_BY_REFERENCE, values });
    const found = rows.map(paymentOf);
    return wanted.map(({ merchantId, reference }) =>
      found.find((payment) => payment.merchantId === merchantId && payment.reference === reference),
    );
  }

  /**
   * One statement may contain one change per payment; of several, only the first can still meet its
   * expected version.
   */
  async #recordAll(changes: readonly Change[]): Promise<boolean[]> {
    const first = new Map<string, Change>();
    for (const change of changes)
      if (!first.has(change.before.id)) first.set(change.before.id, change);
    const written = await this.#idsWrittenBy(RECORD, [...first.values()].map(changeRow));
    const isWritten = changes.map(
      (change) => first.get(change.before.id) === change && written.has(change.before.id),
    );
    const done = changes.filter((_, at) => isWritten[at]);
    this.#tell(done.map(({ before, decision }) => ({ payment: decision.next, before, decision })));
    return isWritten;
  }

  #tell(committed: readonly Committed[]): void {
    if (committed.length > 0) this.#onCommitted(committed);
  }

  async #idsWrittenBy(
    statement: { name: string; text: string },
    ...inputs: readonly (readonly object[])[]
  ): Promise<Set<string>> {
    const result = await this.#pool.query<{ id: string }>({
      ...statement,
      values: inputs.map((rows) => JSON.stringify(rows)),
    });
    return new Set(result.rows.map(({ id }) => id));
  }
}

function isUsedReference(error: unknown): boolean {
  return error instanceof DatabaseError && error.constraint === 'reference_is_used_once';
}

/**
 * Returns the transaction that a refused change named. Naming one that is known to be foreign is a
 * fault of the plan.
 */
function takenBy({ before, decision }: Change, foreign: ReadonlySet<string>): string {
  const { transId } = decision.next;
  if (transId === null || foreign.has(transId))
    throw new InvariantViolation(
      'foreign_transaction',
      `payment ${before.id} names a foreign transaction again`,
    );
  return transId;
}
