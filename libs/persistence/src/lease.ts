// A role that one process of the deployment has at a time, such as the export of gauges about the
// database. A row says who has it and until when, so that it also works behind a pooler, which
// session locks do not. SQL: one conditional statement, by Postgres's own clock.
import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';

/** The options of a {@link Lease}. */
export interface LeaseOptions {
  /** The role; each has one holder. */
  readonly name: string;
  /** The time that a renewal lasts. A dead holder is replaced after it. */
  readonly forMs: number;
}

const RENEW = {
  name: 'renew_lease',
  text: `
INSERT INTO leases (name, holder, until) VALUES ($1, $2, now() + $3 * interval '1 millisecond')
ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
WHERE leases.holder = excluded.holder OR leases.until <= now()
RETURNING holder`,
};

const RELEASE = 'DELETE FROM leases WHERE name = $1 AND holder = $2';

export class Lease {
  readonly #holder = randomUUID();
  #heldUntil = -Infinity;

  constructor(
    private readonly pool: Pool,
    private readonly options: LeaseOptions,
  ) {}

  /**
   * True while this process has the role. Measured from before the last renewal, so that it ends
   * here before another process can take the role, even if Postgres is unavailable.
   */
  get isHeld(): boolean {
    return performance.now() < this.#heldUntil;
  }

  /** Renews the lease, or takes it if it is free. Call it several times within `forMs`. */
  async renew(): Promise<void> {
    const { name, forMs } = this.options;
    const startedAt = performance.now();
    const values = [name, this.#holder, forMs];
    const { rowCount } = await this.pool.query({ ...RENEW, values });
    this.#heldUntil = rowCount === 1 ? startedAt + forMs : -Infinity;
  }

  /** Gives the role up, so that another process takes it at its next attempt. */
  async release(): Promise<void> {
    this.#heldUntil = -Infinity;
    await this.pool.query(RELEASE, [this.options.name, this.#holder]);
  }
}
