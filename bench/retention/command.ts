// `npm run bench -- retention`: the operations on a database with millions of payments beside the
// same on an empty one, and the pace at which old data ends. Both databases are in one server, and
// their rounds alternate, so that other load on the machine slows both.
import { withDatabase, ensureDatabase, migrate } from '@quittance/databases';
import { createPool, Retention, RETENTION_KINDS } from '@quittance/persistence';
import { Command } from 'commander';
import { Client } from 'pg';
import { wholeNumber } from '../../test/support/options.js';
import type { Session } from '../../tools/processes/session.js';
import { ownDataFolder } from '../../tools/stack/owner.js';
import { startPostgres } from '../../tools/servers/postgres.js';
import { heading, step, tell } from '../../tools/terminal/progress.mjs';
import { median, rounded } from '../figures.js';
import { type Measured, measured } from './operations.js';
import { loadMerchants, loadPayments } from './rows.js';

/** The numbers are whole and above 0. */
type Options = Readonly<Record<'payments' | 'rounds' | 'ending', number>>;

const positive = wholeNumber(1);
const readOptions = (args: readonly string[]): Options =>
  new Command('npm run bench -- retention')
    .option('--payments <n>', 'payments in the full database', positive, 5_000_000)
    .option('--rounds <n>', 'rounds of each operation', positive, 200)
    .option('--ending <n>', 'payments of which data ends', positive, 20_000)
    .showHelpAfterError()
    .parse([...args], { from: 'user' })
    .opts<Options>();

/** Rounds before anything counts: they fill the caches and prepare the statements. */
const WARM_UP = 10;

export async function benchRetention(session: Session, args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  heading('Benchmark of a full database');
  await ownDataFolder();
  const { url } = await step('Postgres', () => {
    const folder = session.temporaryFolder('postgres');
    // Loading writes tens of gigabytes; the checkpoints of that are not what is measured.
    const settings = { max_wal_size: '8GB' };
    return startPostgres(session, { folder, logName: 'postgres', isDurable: true, settings });
  });
  const urls = { empty: withDatabase(url, 'empty'), full: withDatabase(url, 'full') };
  for (const [name, databaseUrl] of Object.entries(urls)) {
    await ensureDatabase(databaseUrl);
    await migrate(databaseUrl, 'prisma/migrations');
    await step(`database ${name}`, (say) =>
      onClient(databaseUrl, async (client) => {
        await loadMerchants(client);
        if (name === 'full') await loadPayments(client, options.payments, say);
      }),
    );
  }
  const times = await step('rounds', (say) => runRounds(urls, options, say));
  const sizes = await onClient(urls.full, sizesOf);
  const pace = await step('ending', (say) => endOld(urls.full, options, say));
  console.table(times);
  console.table(sizes);
  tell(JSON.stringify({ payments: options.payments, operations: times, sizes, ending: pace }));
  await session.stop();
}

async function onClient<T>(databaseUrl: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

type Urls = Readonly<Record<'empty' | 'full', string>>;

/** Resolves with the medians of each operation, in milliseconds, and their ratio. */
async function runRounds(urls: Urls, { rounds }: Options, say: (text: string) => void) {
  await alternate(urls, 0, say);
  // Both have rows now. Otherwise autovacuum finds millions of new ones while rounds are measured,
  // and the empty database has plans for tables without rows.
  for (const url of Object.values(urls)) {
    await onClient(url, async (client) => {
      await client.query('VACUUM (ANALYZE)');
      await client.query('CHECKPOINT');
    });
  }
  const times = await alternate(urls, rounds, say);
  return Object.fromEntries(
    [...times.empty.keys()].map((name) => {
      const empty = median(times.empty.get(name) ?? []);
      const full = median(times.full.get(name) ?? []);
      const ratio = rounded(full / empty, 2);
      return [name, { empty_ms: rounded(empty, 2), full_ms: rounded(full, 2), ratio }];
    }),
  );
}

/** Runs the rounds, and some before them on the same connections that do not count. */
async function alternate(urls: Urls, rounds: number, say: (text: string) => void) {
  const both = { empty: measured(urls.empty), full: measured(urls.full) };
  const times = { empty: new Map<string, number[]>(), full: new Map<string, number[]>() };
  for (let round = -WARM_UP; round < rounds; round += 1) {
    // Each is first in every second round.
    const order = round % 2 === 0 ? (['empty', 'full'] as const) : (['full', 'empty'] as const);
    for (const name of order) await oneRound(both[name], round < 0 ? new Map() : times[name]);
    if (round % 20 === 0) say(`round ${round} of ${rounds}`);
  }
  await Promise.all([both.empty.end(), both.full.end()]);
  return times;
}

async function oneRound(database: Measured, times: Map<string, number[]>): Promise<void> {
  for (const [name, ms] of Object.entries(await database.round()))
    times.set(name, [...(times.get(name) ?? []), ms]);
}

/** The size of each table with its indexes, in bytes a payment. */
async function sizesOf(client: Client) {
  const { rows } = await client.query<{ name: string; bytes: number }>(
    `SELECT relname AS name, round(pg_total_relation_size(oid) / (SELECT count(*) FROM payment_intents)::numeric)::int AS bytes
     FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 2 DESC LIMIT 6`,
  );
  return Object.fromEntries(rows.map(({ name, bytes }) => [name, { bytes_a_payment: bytes }]));
}

/** Ends data without pauses, and resolves with the payments a second of each kind. */
async function endOld(databaseUrl: string, { ending }: Options, say: (text: string) => void) {
  const options = { connections: 2, applicationName: 'bench', onError: () => undefined };
  const pool = createPool({ databaseUrl, ...options });
  const retention = new Retention(pool);
  const pace: Record<string, number> = {};
  // The full database has no batches.
  for (const kind of RETENTION_KINDS.filter((name) => name !== 'batches')) {
    const began = performance.now();
    let ended = 0;
    for (let hasMore = true; hasMore && ended < ending;) {
      const batch = { kind, keepDays: 550, now: new Date(), limit: 200 };
      const result = await retention.endStep(batch);
      ({ hasMore } = result);
      ended += result.ended;
    }
    pace[kind] = rounded((ended / (performance.now() - began)) * 1000, 0);
    say(`${kind}: ${pace[kind]} payments a second`);
  }
  await pool.end();
  return pace;
}
