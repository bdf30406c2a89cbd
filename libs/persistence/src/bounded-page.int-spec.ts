// Goal: a page of every list costs a bounded number of rows, whatever matches, and the pages
// together have each matching row once. Method: one merchant with thousands of rows and one with
// few, by statistics that know only the first one. Every filter alone and every pair of filters is
// read, each statement more often than Postgres plans it for its values alone: Postgres counts the
// rows.
import type { Pool, PoolClient, QueryConfig } from 'pg';
import { insertTestTerminal } from '../../../test/support/payments.js';
import { createTestDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import { OLDEST_AT, plant, type PlantedRow, rowsToPlant } from '../test/listed-rows.js';
import { listAudit } from './audit/audit-log.js';
import { type BoundedPage, SCANNED_MAX } from './bounded-page.js';
import { type NewestFilter, NewestLists } from './newest-lists.js';
import { PaymentList } from './payment-list.js';
import { createPool } from './pool.js';
import { PrismaService } from './prisma.service.js';
import { RefundList } from './refunds/refund-list.js';
import { Reads } from './replica/reads.js';

/** In a smaller table, Postgres may prefer to read the whole. */
const COUNT = 24_000;
const LIMIT = 20;
/** The scan, its end, and the names of what is on the page. */
const READ_MAX = 2 * SCANNED_MAX + 10 * LIMIT;
const BIG = 'mer_test';
const CALM = 'mer_calm';
const MIDDLE = new Date(OLDEST_AT + COUNT / 4);

type Filter = Readonly<Record<string, string | Date>>;

/** A list, its filters with values for each, and what each filter means. */
interface ListCase {
  readonly table: 'payment_intents' | 'refunds';
  readonly read: (
    pool: Pick<Pool, 'query'>,
    merchant: string,
    filter: Filter,
    limit: number,
  ) => Promise<BoundedPage<string>>;
  readonly filters: Readonly<Record<string, readonly (string | Date)[]>>;
  readonly matches: Readonly<Record<string, (row: PlantedRow, value: never) => boolean>>;
}

const spans = {
  createdAfter: [new Date(OLDEST_AT - 1), MIDDLE, new Date(OLDEST_AT + COUNT)],
  createdBefore: [new Date(OLDEST_AT), new Date(OLDEST_AT + 1), MIDDLE],
};
const isInSpan = {
  createdAfter: ({ at }: PlantedRow, value: Date) => at > value,
  createdBefore: ({ at }: PlantedRow, value: Date) => at < value,
};
const isOfReference = ({ reference }: PlantedRow, value: string) => reference === value;
const isOfGroup = ({ group }: PlantedRow, value: string) => group === value;

const PAYMENTS: ListCase = {
  table: 'payment_intents',
  read: async (pool, merchant, filter, limit) => {
    const { rows, next } = await new PaymentList(new Reads(pool)).read(merchant, filter, limit);
    return { rows: rows.map(({ payment }) => payment.id), next };
  },
  filters: {
    reference: ['R-2', 'NONE'],
    orderId: [`OLD-0-${BIG}`, `SAME-${BIG}`, 'NONE'],
    status: ['cancelled', 'expired', 'succeeded'],
    terminal: ['old', 'none', 'main'],
    ...spans,
  },
  matches: {
    reference: isOfReference,
    orderId: isOfGroup,
    status: ({ status }, value: string) => status === value,
    terminal: ({ terminal }, value: string) => terminal === value,
    ...isInSpan,
  },
};

const REFUNDS: ListCase = {
  table: 'refunds',
  read: async (pool, merchant, filter, limit) => {
    const { rows, next } = await new RefundList(new Reads(pool)).read(merchant, filter, limit);
    return { rows: rows.map(({ id }) => id), next };
  },
  filters: {
    reference: ['R-2', 'NONE'],
    paymentId: [`OLD-0-${BIG}`, `SAME-${BIG}`, 'NONE'],
    status: ['in_doubt', 'pending', 'failed'],
    ...spans,
  },
  matches: {
    reference: isOfReference,
    paymentId: isOfGroup,
    status: ({ status }, value: string) => status === value,
    ...isInSpan,
  },
};

let database: TestDatabase;
let owner: Pool;
const planted: Record<ListCase['table'], PlantedRow[]> = { payment_intents: [], refunds: [] };

beforeAll(async () => {
  database = await createTestDatabase();
  owner = createPool({
    databaseUrl: database.url,
    connections: 1,
    applicationName: 'bounded-page',
    onError: () => undefined,
  });
  await insertTestTerminal(owner, { id: `ter_main_${BIG}` });
  await insertTestTerminal(owner, { id: `ter_old_${BIG}`, name: 'old' });
  await owner.query(`INSERT INTO merchants VALUES ('${CALM}', 'calm', now())`);
  await owner.query(`
    INSERT INTO terminals (id, merchant_id, name, base_url, number, public_key, sealed_private_key, protocol,
      callback_encryption, mode, lane, inquiry, created_at)
    SELECT replace(id, '${BIG}', '${CALM}'), '${CALM}', name, base_url, 43, public_key, sealed_private_key, protocol,
      callback_encryption, mode, lane, inquiry, now() FROM terminals`);
  for (const table of ['payment_intents', 'refunds'] as const) {
    const big = rowsToPlant(table, { merchant: BIG, count: COUNT });
    const calm = rowsToPlant(table, { merchant: CALM, count: 3 });
    await plant(owner, table, big);
    await owner.query(`ANALYZE ${table}`);
    await plant(owner, table, calm);
    planted[table] = [...big, ...calm];
  }
});
afterAll(async () => {
  await owner.end();
  await database.drop();
});

/** Runs with a connection that plans as `mode` says and counts the rows that each query reads. */
async function counting<T>(
  mode: string,
  work: (pool: Pick<Pool, 'query'>, counts: number[]) => Promise<T>,
): Promise<T> {
  const client: PoolClient = await owner.connect();
  const counts: number[] = [];
  const readSoFar = async () => {
    const { rows } = await client.query<{ read: string }>(
      'SELECT sum(seq_tup_read + idx_tup_fetch) AS read FROM pg_stat_xact_user_tables',
    );
    return Number(rows[0]?.read);
  };
  const query = async (statement: QueryConfig) => {
    const before = await readSoFar();
    const result = await client.query(statement);
    counts.push((await readSoFar()) - before);
    return result;
  };
  try {
    await client.query(`BEGIN; SET LOCAL plan_cache_mode = ${mode}`);
    return await work({ query } as unknown as Pick<Pool, 'query'>, counts);
  } finally {
    client.release(true);
  }
}

/** Returns no filter, each filter with each of its values, and each pair of two filters. */
function filtersOf({ filters }: ListCase): Filter[] {
  const single = Object.entries(filters).flatMap(([name, values]) =>
    values.map((value) => ({ [name]: value })),
  );
  const pairs = single.flatMap((one, at) =>
    single
      .slice(at + 1)
      .map((other) => ({ ...one, ...other }))
      .filter((pair) => Object.keys(pair).length === 2),
  );
  return [{}, ...single, ...pairs];
}

function expectedOf({ table, matches }: ListCase, merchant: string, filter: Filter): string[] {
  return planted[table]
    .filter(
      (row) =>
        row.merchant === merchant &&
        Object.entries(filter).every(([name, value]) => matches[name]?.(row, value as never)),
    )
    .map(({ id }) => id)
    .toSorted()
    .toReversed();
}

describe.each([
  ['payments', PAYMENTS],
  ['refunds', REFUNDS],
])('a list of %s', (_name, list) => {
  it.each(['auto', 'force_custom_plan'])('reads a bounded number: %s', async (mode) => {
    const beyond = await counting(mode, async (pool, counts) => {
      const found: unknown[] = [];
      for (const merchant of [BIG, CALM, 'mer_none'])
        for (const filter of filtersOf(list)) {
          await list.read(pool, merchant, filter, LIMIT);
          const count = counts.at(-1) ?? Infinity;
          if (count > READ_MAX) found.push([merchant, filter, count]);
        }
      return found;
    });
    expect(beyond).toEqual([]);
  });

  it('stops at the limit when all match', async () => {
    const count = await counting('auto', async (pool, counts) => {
      await list.read(pool, BIG, {}, LIMIT);
      return counts[0];
    });
    expect(count).toBeLessThan(10 * LIMIT);
  });

  it.each([BIG, CALM])('has each matching row of %s once, newest first', async (merchant) => {
    for (const filter of filtersOf(list)) {
      const expected = expectedOf(list, merchant, filter);
      // The long ones differ in nothing, and take long.
      if (expected.length > COUNT / 4 && Object.keys(filter).length > 1) continue;
      const seen: string[] = [];
      for (let after: string | null = ''; after !== null;) {
        const here = after === '' ? filter : { ...filter, after };
        const { rows, next } = await list.read(owner, merchant, here, 3_000);
        seen.push(...rows);
        after = next;
      }
      expect([filter, seen]).toEqual([filter, expected]);
    }
  });

  it('is neither longer nor shorter for rows that are written meanwhile', async () => {
    const seen: string[] = [];
    const filter = { status: list === PAYMENTS ? 'cancelled' : 'in_doubt' };
    const before = expectedOf(list, BIG, filter);
    let pages = 0;
    for (let after: string | null = ''; after !== null; pages += 1) {
      const here = after === '' ? filter : { ...filter, after };
      const page: BoundedPage<string> = await list.read(owner, BIG, here, LIMIT);
      seen.push(...page.rows);
      after = page.next;
      const [row] = rowsToPlant(list.table, { merchant: BIG, count: 1, from: 2 * COUNT + pages });
      const written = { ...row!, ...filter, group: `NEW-${pages}` };
      await plant(owner, list.table, [written]);
      planted[list.table].push(written);
    }
    expect(pages).toBeGreaterThan(COUNT / SCANNED_MAX);
    expect(seen).toEqual(before);
  });
});

describe.each(['payments', 'refunds'] as const)('the operators’ list of %s', (name) => {
  const since = new Date(OLDEST_AT + 1);
  it.each<[string, Omit<NewestFilter, 'limit'>]>([
    ['statuses of few', { statuses: ['queued', 'in_doubt'] }],
    ['doubts', { statuses: ['in_doubt'] }],
    ['doubts of a merchant', { statuses: ['in_doubt'], merchantId: CALM }],
    ['a merchant', { merchantId: CALM }],
    ['an instant', { merchantId: CALM, since }],
  ])('is complete in bounded statements: %s', async (_what, filter) => {
    const { statuses, merchantId, since: from } = filter;
    const counts = await counting('auto', async (pool, read) => {
      const found = await new NewestLists(pool)[name]({ ...filter, limit: LIMIT });
      const table = name === 'payments' ? 'payment_intents' : 'refunds';
      const expected = planted[table].filter(
        ({ merchant, status, at }) =>
          (statuses?.includes(status) ?? true) &&
          merchant === (merchantId ?? merchant) &&
          at >= (from ?? at),
      );
      expect(found.map(({ id }) => id)).toEqual(
        expected
          .map(({ id }) => id)
          .toSorted()
          .toReversed()
          .slice(0, LIMIT),
      );
      return read;
    });
    expect(Math.max(...counts)).toBeLessThan(READ_MAX);
  });
});

it('reads few actions of operators when none is recent', async () => {
  await owner.query(`
    BEGIN; SET LOCAL session_replication_role = replica;
    INSERT INTO operator_actions (number, at, operator, action, subject_kind, subject_id, previous_hash, hash)
    SELECT n, now() - interval '1 day', 'ann', 'sign in', 'operator', 'ann', '', sha256(n::text::bytea)
    FROM generate_series(1, 5000) n;
    COMMIT; ANALYZE operator_actions`);
  const prisma = new PrismaService(owner);
  const read = await prisma.$transaction(async (tx) => {
    await listAudit(tx, { since: new Date(), limit: LIMIT });
    return tx.$queryRaw<{ read: number }[]>`
      SELECT (seq_tup_read + idx_tup_fetch)::int AS read FROM pg_stat_xact_user_tables WHERE relname = 'operator_actions'`;
  });
  expect(read[0]?.read).toBeLessThan(100);
});
