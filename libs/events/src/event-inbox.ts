// The subscriber's record of handled events, in its own database. It drops repeats, and remembers
// an event that arrived before its predecessor until the predecessor arrives.
import { crashPoint, within } from '@quittance/platform';
import { BaseRpcContext } from '@nestjs/microservices';
import { eventId, type PublishedEvent } from './contract.js';

/**
 * The subscriber's database is unavailable. No handler has failed: the events wait, and no attempt
 * is counted.
 */
export class InboxUnavailable extends Error {
  override readonly name = 'InboxUnavailable';
}

/** An event that was handled before its predecessor arrived. */
export interface SequenceGap {
  readonly subject: string;
  /** The missing sequence. */
  readonly missing: number;
}

/** Enough to show that and where something is wrong; the limit keeps the query cheap. */
const GAPS_SHOWN = 100;

const MARK = `
  INSERT INTO event_inbox (subject, sequence, event_id, type, received_at, is_ahead)
  SELECT subject, sequence, event_id, type, statement_timestamp(),
         -- Not EXISTS: while it thinks the table is small, the planner would read all of it for each batch.
         may_be_ahead AND (
           SELECT true FROM event_inbox before
           WHERE before.subject = event.subject AND before.sequence = event.sequence - 1) IS NULL
  FROM unnest($1::text[], $2::integer[], $3::text[], $4::text[], $5::boolean[])
    AS event (subject, sequence, event_id, type, may_be_ahead)
  WHERE (SELECT true FROM event_inbox later
    WHERE later.subject = event.subject AND later.sequence > event.sequence AND later.stands_for_earlier LIMIT 1) IS NULL
  ORDER BY subject, sequence -- the same order in every process, so that two of them cannot deadlock
  ON CONFLICT DO NOTHING
  RETURNING event_id`;

const SETTLE = `
  UPDATE event_inbox ahead SET is_ahead = false
  WHERE is_ahead AND EXISTS (
    SELECT FROM event_inbox before
    WHERE before.subject = ahead.subject AND before.sequence = ahead.sequence - 1)`;

const GAPS = `
  SELECT subject, sequence - 1 AS missing FROM event_inbox
  WHERE is_ahead AND received_at < now() - $1 * interval '1 millisecond' ORDER BY received_at LIMIT ${GAPS_SHOWN}`;

/** Reads and writes the table `event_inbox`. */
export class EventInbox {
  readonly #database: EventDatabase;
  readonly #statementTimeoutMs: number;

  /** No statement of a delivery runs longer than `statementTimeoutMs` milliseconds. */
  constructor(database: EventDatabase, statementTimeoutMs: number) {
    this.#database = database;
    this.#statementTimeoutMs = statementTimeoutMs;
  }

  /**
   * Records the events in one transaction and calls `work` with the new ones, in their order. If
   * `work` or the commit fails, records nothing and rejects with that error; if the database is
   * unavailable, rejects with {@link InboxUnavailable}. Returns the number of new events.
   */
  async receive(
    events: readonly PublishedEvent[],
    work: (fresh: readonly PublishedEvent[], connection: EventConnection) => Promise<void>,
  ): Promise<number> {
    crashPoint('event.before-handling');
    const connection = await this.#begin();
    try {
      const fresh = await this.#mark(connection, events);
      if (fresh.length > 0) await work(fresh, connection);
      crashPoint('event.before-commit');
      await commit(connection);
      crashPoint('event.after-commit');
      this.#giveBack(connection);
      return fresh.length;
    } catch (error) {
      await this.#rollBack(connection);
      throw error;
    }
  }

  /** Returns the gaps older than `graceMs` by the database's clock, the oldest hundred. */
  async findGaps(graceMs: number): Promise<readonly SequenceGap[]> {
    await this.#database.query(SETTLE);
    const { rows } = await this.#database.query(GAPS, [graceMs]);
    return rows as readonly SequenceGap[];
  }

  async #begin(): Promise<EventConnection> {
    try {
      const connection = await this.#database.connect();
      // Without a listener, a connection that breaks while checked out would end the process.
      connection.on('error', ignore);
      await connection
        .query(`BEGIN; SET LOCAL statement_timeout = ${this.#statementTimeoutMs}`)
        .catch((error: unknown) => {
          this.#giveBack(connection, true);
          throw error;
        });
      return connection;
    } catch (error) {
      throw new InboxUnavailable('no transaction could be opened', { cause: error });
    }
  }

  async #mark(
    connection: EventConnection,
    events: readonly PublishedEvent[],
  ): Promise<readonly PublishedEvent[]> {
    const ids = new Set(events.map((event) => event.id));
    const columns = [
      events.map((event) => event.subject),
      events.map((event) => event.data.sequence),
      events.map((event) => event.id),
      events.map((event) => event.type),
      events.map((event) => event.data.sequence > 1 && !ids.has(predecessorOf(event))),
    ];
    try {
      const { rows } = await connection.query(MARK, columns);
      const fresh = new Set((rows as { event_id: string }[]).map((row) => row.event_id));
      // `delete` returns true once per id, so an event that is in the batch twice is handled once.
      return events.filter((event) => fresh.delete(event.id));
    } catch (error) {
      throw new InboxUnavailable('the inbox could not be written', { cause: error });
    }
  }

  async #rollBack(connection: EventConnection): Promise<void> {
    // On a connection that has gone silent the response never comes.
    const isClean = await within(this.#statementTimeoutMs, connection.query('ROLLBACK')).then(
      () => true,
      () => false,
    );
    this.#giveBack(connection, !isClean);
  }

  #giveBack(connection: EventConnection, isBroken = false): void {
    connection.off('error', ignore);
    connection.release(isBroken);
  }
}

async function commit(connection: EventConnection): Promise<void> {
  const { command } = await connection.query('COMMIT');
  // After a failed statement Postgres answers COMMIT with a rollback and reports success.
  if (command !== 'COMMIT')
    throw new Error('a statement had failed unnoticed; nothing was committed');
}

function predecessorOf(event: PublishedEvent): string {
  return eventId(event.subject, event.data.sequence - 1);
}

function ignore(): void {}

/** Writes many items in as few statements as possible; all belong to the same transaction. */
export type BatchWrite<T> = (
  transaction: EventTransaction,
  items: readonly T[],
) => Promise<unknown>;

/**
 * The `@Ctx()` of an event handler. Statements of the handler through `transaction` commit together
 * with the record that the event was handled: both or neither, so the effect happens once however
 * often the event arrives.
 */
export class EventDelivery extends BaseRpcContext<[]> {
  readonly #connection: EventTransaction;
  readonly #writes = new Map<BatchWrite<never>, unknown[]>();
  #isOver = false;
  #over: AbortController | undefined;

  /** `attempt` counts from 1; one attempt may deliver several events. */
  constructor(
    connection: EventTransaction,
    readonly attempt: number,
  ) {
    super([]);
    this.#connection = connection;
  }

  /**
   * The transaction. It rejects statements after the end of the delivery, so a late handler cannot
   * write.
   */
  readonly transaction: EventTransaction = {
    query: (text, values) => {
      if (this.#isOver) return Promise.reject(new Error('the delivery is over'));
      return this.#connection.query(text, values);
    },
  };

  /** Aborts at the end of the delivery: pass it to slow calls outside of Postgres. */
  get signal(): AbortSignal {
    // Created on demand: most handlers never use it, and aborting costs more than the rest of a
    // delivery.
    this.#over ??= new AbortController();
    if (this.#isOver) this.#over.abort();
    return this.#over.signal;
  }

  /**
   * Registers `write` to be called once before the commit, with the items of all events delivered
   * together. Pass the same function object each time; its items are in the order of the events.
   */
  beforeCommit<T>(write: BatchWrite<T>, item: T): void {
    const items = this.#writes.get(write);
    if (items) items.push(item);
    else this.#writes.set(write, [item]);
  }

  /** Runs the registered writes. For the transport. */
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

/** The result of a statement; `command` is the command that Postgres reports. */
export interface EventQueryResult {
  readonly rows: readonly unknown[];
  readonly rowCount: number | null;
  readonly command: string;
}

/** Runs one statement with its values. */
export interface EventTransaction {
  query(text: string, values?: unknown[]): Promise<EventQueryResult>;
}

/** A connection from the pool; `release(true)` closes it instead of returning it. */
export interface EventConnection extends EventTransaction {
  release(isBroken?: boolean): void;
  on(event: 'error', listener: (error: Error) => void): unknown;
  off(event: 'error', listener: (error: Error) => void): unknown;
}

/** A pool of connections. */
export interface EventDatabase extends EventTransaction {
  connect(): Promise<EventConnection>;
}
