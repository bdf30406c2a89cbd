// Reads that may be a few seconds old. They go to the read replica if there is one and it is fit,
// and to the primary otherwise. Everything that decides is read from the primary.
import { lowestId } from '@quittance/platform';
import type { Pool } from 'pg';
import type { Queryable, Replica } from './replica.js';

/**
 * A row whose id is older has been committed for longer than a replica may lag: the lag, and as
 * much for the commit.
 */
const SETTLED_AFTER_MS = 10_000;

export class Reads {
  /** For statements one by one whose rows may be a few seconds old. */
  readonly recent: Queryable;

  constructor(
    readonly primary: Queryable,
    private readonly replica?: Replica,
  ) {
    const query: unknown = (...args: unknown[]) => this.read((source) => asked(source, args));
    this.recent = replica ? { query: query as Pool['query'] } : primary;
  }

  /**
   * Runs `work`, several statements if need be, on one server, and again on the primary if
   * `isGood` rejects the replica's result.
   */
  async read<T>(
    work: (source: Queryable) => Promise<T>,
    isGood: (result: T) => boolean = () => true,
  ): Promise<T> {
    const answer = await this.replica?.read(work, isGood);
    return answer ? answer.result : work(this.primary);
  }

  start(): void {
    this.replica?.start();
  }

  async stop(): Promise<void> {
    await this.replica?.stop();
  }

  /**
   * The source of rows with ids below `end`. A replica may lack rows that are younger than its lag:
   * a page that ends before the newest of them would lose them to the next page.
   */
  before(prefix: string, end: string): Queryable {
    if (!this.replica) return this.primary;
    const settled = new Date(this.replica.now().getTime() - SETTLED_AFTER_MS);
    return end < lowestId(prefix, settled) ? this.recent : this.primary;
  }
}

/** The overloads of pg's `query` cannot be forwarded by their types. */
function asked(source: Queryable, args: readonly unknown[]): Promise<unknown> {
  const query = source.query.bind(source) as (...given: unknown[]) => Promise<unknown>;
  return query(...args);
}
