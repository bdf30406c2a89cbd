// The gateway's state: what it stored, what it charged, and every create request that reached it,
// also those it dropped. Tests prove "at most one charge" and "at most one request" from here.
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

  /** All rows with this reference, oldest first, whoever they belong to. */
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

  /** To be called after each change of a row. */
  changed(transaction: Transaction): void {
    this.journal?.writeTransaction(transaction);
  }

  /** Notes a create request before anything else happens to it. */
  receive(reference: string, request: ReceivedRequest): void {
    this.restoreRequest(reference, request);
    this.journal?.writeRequest(reference, request);
  }

  /** Counts a refund request before anything else happens to it. */
  receiveRefund(transaction: Transaction): void {
    transaction.refundRequests = (transaction.refundRequests ?? 0) + 1;
    this.changed(transaction);
  }

  received(reference: string): readonly ReceivedRequest[] {
    return this.#requests.get(reference) ?? [];
  }

  /** How many requests with this reference could have moved money. */
  chargeRequests(reference: string): number {
    return this.received(reference).filter((request) => request.couldCharge).length;
  }

  /** Puts a journalled row back; a later line for the same id replaces the earlier one. */
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
