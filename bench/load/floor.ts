// The floor of a waiting payment: what any design needs that stores the payment, the fence and the
// reply durably, and passes the payment to another process and back. Measured on the bench's own
// servers, beside the payments.
import { Redis } from 'ioredis';
import pg from 'pg';
import type { Servers } from '../servers.js';

const COMMITS = 3;
const ROUND_TRIPS = 2;

/** Measures the floor, call by call. */
export class Floor {
  private constructor(
    private readonly postgres: pg.Client,
    private readonly redis: Redis,
  ) {}

  static async open({ postgres, redis }: Servers): Promise<Floor> {
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    await client.query('CREATE TABLE IF NOT EXISTS floor (at timestamptz NOT NULL)');
    return new Floor(client, new Redis(redis.url));
  }

  /** Makes the commits and the round trips once. Resolves with the milliseconds of all together. */
  async measure(): Promise<number> {
    const begun = performance.now();
    for (let made = 0; made < COMMITS; made += 1)
      await this.postgres.query({ name: 'floor', text: 'INSERT INTO floor VALUES (now())' });
    for (let made = 0; made < ROUND_TRIPS; made += 1) await this.redis.set('floor', '1');
    return performance.now() - begun;
  }

  async close(): Promise<void> {
    this.redis.disconnect();
    await this.postgres.end();
  }
}
