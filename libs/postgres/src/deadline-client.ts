// A connection to Postgres on which nothing is waited for without end. What waits for an answer on a path that has gone silent
// (a failover, lost state in a firewall, a frozen server) would wait for TCP, which gives up after a quarter of an hour or never.
import { Client, type ClientConfig } from 'pg';
import { Socket } from 'node:net';
import { types } from 'node:util';

/** Time for Postgres to answer a goodbye by closing; afterwards the socket is closed from this side. */
const GOODBYE_MS = 1_000;

/** What pg says, without a code, when `query_timeout` is over. */
const OVERDUE = 'Query read timeout';

/** Whether an error says that Postgres did not answer a statement in time. What became of the statement is unknown then. */
export function isOverdue(error: unknown): error is Error {
  return types.isNativeError(error) && error.message === OVERDUE;
}

/**
 * A `Client` of pg that is given up with the first answer that is overdue (`query_timeout`). pg itself fails the one statement and
 * would have the next one wait behind it; a late answer would still arrive on the connection.
 */
export class DeadlineClient extends Client {
  readonly #socket: Socket;

  constructor(config: ClientConfig = {}) {
    const socket = new Socket();
    super({ ...config, stream: () => socket });
    this.#socket = socket;
    const ask = this.query.bind(this) as (...args: unknown[]) => unknown;
    this.query = ((...args: unknown[]) => {
      const asked = ask(...args);
      // Without a promise it is the pool that asks, which closes a connection after any error by itself.
      if (types.isPromise(asked)) void asked.catch((error: unknown) => this.#judge(error));
      return asked;
    }) as typeof this.query;
  }

  /** Closes the connection without a goodbye. Every statement that waits on it fails at once with `reason`. */
  abandon(reason: Error): void {
    this.#socket.destroy(reason);
  }

  override end(): Promise<void>;
  override end(callback: (error: Error) => void): void;
  override end(callback?: (error: Error) => void): Promise<void> | undefined {
    // A path that has gone silent carries no answer to a goodbye, and an open socket would keep the process.
    const timer = setTimeout(() => this.#socket.destroy(), GOODBYE_MS).unref();
    this.#socket.once('close', () => clearTimeout(timer));
    if (!callback) return super.end();
    super.end(callback);
    return undefined;
  }

  #judge(error: unknown): void {
    if (isOverdue(error)) this.abandon(error);
  }
}
