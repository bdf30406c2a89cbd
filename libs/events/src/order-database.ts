// What the subscriber's own Postgres must offer, by shape: a Pool of the `pg` package fits. The library brings no
// driver, so that a subscriber uses its own version and settings.

/** What a statement returned; `command` is what Postgres says it did. */
export interface EventQueryResult {
  readonly rows: readonly unknown[];
  readonly rowCount: number | null;
  readonly command: string;
}

/** Runs one statement with its values. */
export interface EventTransaction {
  query(text: string, values?: unknown[]): Promise<EventQueryResult>;
}

/** A connection taken from the pool; `release(true)` closes it instead of giving it back. */
export interface EventConnection extends EventTransaction {
  release(isBroken?: boolean): void;
  on(event: 'error', listener: (error: Error) => void): unknown;
  off(event: 'error', listener: (error: Error) => void): unknown;
}

/** A pool of connections. */
export interface EventDatabase extends EventTransaction {
  connect(): Promise<EventConnection>;
}
