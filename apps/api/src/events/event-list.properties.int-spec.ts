// Goal: a reader of the list gets every event once, in the order of the commits, while other
// transactions commit late, roll back or overtake each other. Method: writers that play arbitrary
// scripts over real Postgres, and readers that page through the list meanwhile.
import fc from 'fast-check';
import { createPool, EventList, Reads } from '@quittance/persistence';
import { newId } from '@quittance/platform';
import type { Pool, PoolClient } from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/postgres.js';
import {
  acceptPayment,
  addFirstPayment,
  advanceTransactions,
  ListReader,
  storedEvents,
} from '../../test/event-list.js';
import { MerchantEvents } from './merchant-events.js';

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool({
    databaseUrl: database.url,
    connections: 16,
    applicationName: 'test',
    onError: () => undefined,
  });
  await addFirstPayment(pool);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/**
 * One transaction: the number of payments it accepts, the number of other statements before it
 * ends, and its end.
 */
interface Script {
  readonly payments: number;
  readonly delay: number;
  readonly end: 'COMMIT' | 'ROLLBACK';
  readonly isInSavepoints: boolean;
}

const script: fc.Arbitrary<Script> = fc.record({
  payments: fc.integer({ min: 1, max: 3 }),
  delay: fc.integer({ min: 0, max: 12 }),
  end: fc.constantFrom('COMMIT', 'COMMIT', 'COMMIT', 'ROLLBACK'),
  isInSavepoints: fc.boolean(),
});
const writers = fc.array(fc.array(script, { minLength: 1, maxLength: 6 }), {
  minLength: 2,
  maxLength: 6,
});

async function play(client: PoolClient, { payments, delay, end, isInSavepoints }: Script) {
  await client.query('BEGIN');
  for (let payment = 0; payment < payments; payment += 1) {
    if (isInSavepoints) await client.query('SAVEPOINT payment');
    await acceptPayment(client, newId('REF'));
  }
  for (let statement = 0; statement < delay; statement += 1) await client.query('SELECT 1');
  await client.query(end);
}

async function write(scripts: readonly Script[]): Promise<void> {
  const client = await pool.connect();
  try {
    for (const one of scripts) await play(client, one);
  } finally {
    // Closed, so that a script that failed midway leaves no transaction open.
    client.release(true);
  }
}

/** Moves the counter to just below its next power of ten if that is near. */
async function approachPowerOfTen(): Promise<void> {
  const { rows } = await pool.query<{ tx: string }>('SELECT pg_current_xact_id()::text AS tx');
  const { length } = rows[0]?.tx ?? '';
  if (length < 6) await advanceTransactions(pool, 10 ** length - 20);
}

it.each([1, 5, 17, 100])(
  'shows each event once and in order to readers that keep up, in pages of %p',
  async (limit) => {
    await fc.assert(
      fc.asyncProperty(writers, async (scripts) => {
        await approachPowerOfTen();
        let isWriting = true;
        const reading = Array.from({ length: 2 }, async () => {
          const reader = new ListReader(new MerchantEvents(new EventList(new Reads(pool))));
          while (isWriting) await reader.page(limit);
          await reader.toEnd(limit);
          return reader.ids;
        });
        const writing = Promise.all(scripts.map(write)).finally(() => {
          isWriting = false;
        });
        const read = await Promise.all(reading);
        await writing;
        const stored = await storedEvents(pool);
        for (const ids of read) expect(ids).toEqual(stored);
      }),
      { numRuns: 5 },
    );
  },
);
