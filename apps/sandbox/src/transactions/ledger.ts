// The gateway's ledger: its rows, its charges, and every create request that reached it, dropped
// ones included. Tests prove "at most one charge" and "at most one request" with it.
import type { Journal, ReceivedRequest } from './journal.js';
import type { Transaction } from './transaction.js';

export class Ledger {
  readonly #byId = new Map<string, Transaction>();
  readonly #byReference = new Map<string, Transaction[]>();
  readonly #requests = new Map<string, ReceivedRequest[]>();
  #rows = 0;

  constructor(private readonly journal: Journal | undefined) {}

  nextRowNumber(): number {
    return this.#rows + 1;
  }

  has(transId: string): boolean {
    return this.#byId.has(transId);
  }

  find(transId: string): Transaction | undefined {
    return this.#byId.get(transId);
  }

  /** Returns all rows with this reference, oldest first, of all merchants. */
  withReference(reference: string): readonly Transaction[] {
    return this.#byReference.get(reference) ?? [];
  }

  all(): Iterable<Transaction> {
    return this.#byId.values();
  }

  get size(): number {
    return this.#byId.size;
  }

  /** Inserts a row: step 11 of the processing order (§1.3). */
  insert(transaction: Transaction): void {
    this.restoreTransaction(transaction);
    this.journal?.writeTransaction(transaction);
  }

  /** Records a change. Call it after each change of a row. */
  changed(transaction: Transaction): void {
    this.journal?.writeTransaction(transaction);
  }

  /** Records a create request, before any processing. */
  receive(reference: string, request: ReceivedRequest): void {
    this.restoreRequest(reference, request);
    this.journal?.writeRequest(reference, request);
  }

  /** Counts a refund request, before any processing. */
  receiveRefund(transaction: Transaction): void {
    transaction.refundRequests = (transaction.refundRequests ?? 0) + 1;
    this.changed(transaction);
  }

  received(reference: string): readonly ReceivedRequest[] {
    return this.#requests.get(reference) ?? [];
  }

  /** Returns the number of requests with this reference that could have moved money. */
  chargeRequests(reference: string): number {
    return this.received(reference).filter((request) => request.couldCharge).length;
  }

  /** Restores a row from the journal; a later line with the same id replaces the earlier one. */
  restoreTransaction(transaction: Transaction): void {
    const known = this.#byId.get(transaction.transId);
    this.#byId.set(transaction.transId, transaction);
    this.#rows = Math.max(this.#rows, transaction.rowNumber);
    if (transaction.reference === null) return;
    const siblings = this.#byReference.get(transaction.reference);
    if (!siblings) this.#byReference.set(transaction.reference, [transaction]);
    else if (known) siblings.splice(siblings.indexOf(known), 1, transaction);
    else siblings.push(transaction);
  }

  restoreRequest(reference: string, request: ReceivedRequest): void {
    const earlier = this.#requests.get(reference);
    if (earlier) earlier.push(request);
    else this.#requests.set(reference, [request]);
  }

  clear(): void {
    this.#byId.clear();
    this.#byReference.clear();
    this.#requests.clear();
    this.#rows = 0;
  }
}
