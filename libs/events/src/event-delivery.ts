// What a handler gets beside the event: the transaction in which its effect must happen, and a way to do the work
// of a whole batch with one statement.
import { BaseRpcContext } from '@nestjs/microservices';
import type { EventTransaction } from './order-database.js';

/** Writes many items with as few statements as it can; all belong to the same transaction. */
export type BatchWrite<T> = (
  transaction: EventTransaction,
  items: readonly T[],
) => Promise<unknown>;

/**
 * The `@Ctx()` of an event handler. What the handler does through `transaction` commits together with the note that
 * the event was handled: both happen or neither, so the effect happens once however often the event arrives.
 */
export class EventDelivery extends BaseRpcContext<[]> {
  readonly #connection: EventTransaction;
  readonly #writes = new Map<BatchWrite<never>, unknown[]>();
  #isOver = false;
  #over: AbortController | undefined;

  /** `attempt` counts from 1; an attempt may deliver several events. */
  constructor(
    connection: EventTransaction,
    readonly attempt: number,
  ) {
    super([]);
    this.#connection = connection;
  }

  /** The transaction. It refuses statements once the delivery is over, so a late handler can harm nobody. */
  readonly transaction: EventTransaction = {
    query: (text, values) => {
      if (this.#isOver) return Promise.reject(new Error('the delivery is over'));
      return this.#connection.query(text, values);
    },
  };

  /** Aborts when the delivery is over: hand it to slow calls outside of Postgres. */
  get signal(): AbortSignal {
    // Made when asked for: most handlers never do, and aborting costs more than the rest of a delivery.
    this.#over ??= new AbortController();
    if (this.#isOver) this.#over.abort();
    return this.#over.signal;
  }

  /**
   * Has `write` called once before the commit, with the items of all events delivered together. Pass the same
   * function object each time; its items keep the order of the events.
   */
  beforeCommit<T>(write: BatchWrite<T>, item: T): void {
    const items = this.#writes.get(write);
    if (items) items.push(item);
    else this.#writes.set(write, [item]);
  }

  /** Runs the writes registered so far. For the transport. */
  async write(): Promise<void> {
    for (const [write, items] of this.#writes) {
      await (write as BatchWrite<unknown>)(this.transaction, items);
    }
  }

  /** Ends the delivery. For the transport. */
  end(): void {
    this.#isOver = true;
    this.#over?.abort();
  }
}
