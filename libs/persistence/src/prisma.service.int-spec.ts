// Goal: Prisma writes and reads the same values as SQL, whatever the server's time zone, and logged
// errors quote no value. Method: a database whose own time zone has an offset of a half hour, and
// calls that fail.
import { describeError } from '@quittance/platform';
import type { Pool } from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import { createPool } from './pool.js';
import { PrismaService } from './prisma.service.js';

const AT = new Date('2026-11-27T10:00:00.123Z');

let database: TestDatabase;
let pool: Pool;
let prisma: PrismaService;

function open(): Pool {
  return createPool({
    databaseUrl: database.url,
    connections: 2,
    applicationName: 'prisma',
    onError: () => undefined,
  });
}

beforeAll(async () => {
  database = await createTestDatabase();
  const first = open();
  await first.query(`ALTER DATABASE ${database.name} SET timezone = 'Asia/Kolkata'`);
  await first.end();
  pool = open();
  prisma = new PrismaService(pool);
});
afterAll(async () => {
  await prisma.$disconnect();
  await pool.end();
  await database.drop();
});

it('writes the instant that SQL reads, and reads the one that SQL wrote', async () => {
  await prisma.merchant.create({ data: { id: 'mer_1', name: 'one', createdAt: AT } });
  const { rows } = await pool.query<{ created_at: Date }>('SELECT created_at FROM merchants');
  expect(rows).toEqual([{ created_at: AT }]);
  await pool.query(`INSERT INTO merchants VALUES ('mer_2', 'two', $1)`, [AT]);
  const read = await prisma.merchant.findMany({ select: { createdAt: true } });
  expect(read).toEqual([{ createdAt: AT }, { createdAt: AT }]);
  expect(await prisma.merchant.count({ where: { createdAt: { lte: AT } } })).toBe(2);
});

it.each([
  ['a row that a constraint rejects', { id: 'not-to-be-seen', name: '', createdAt: AT }],
  ['a name that is in use', { id: 'not-to-be-seen', name: 'one', createdAt: AT }],
  [
    'an argument of a wrong type',
    { id: 'not-to-be-seen', name: 3 as unknown as string, createdAt: AT },
  ],
])('logs no value of %s', async (_, data) => {
  const failure: unknown = await prisma.merchant.create({ data }).catch((error: unknown) => error);
  const described = JSON.stringify(describeError(failure));
  expect(described).toContain('PrismaClient');
  expect(described).not.toContain('not-to-be-seen');
});

it('rolls back a transaction that fails', async () => {
  const failing = prisma.$transaction(async (tx) => {
    await tx.merchant.create({ data: { id: 'mer_4', name: 'four', createdAt: AT } });
    throw new Error('stop here');
  });
  await expect(failing).rejects.toThrow('stop here');
  expect(await prisma.merchant.count({ where: { id: 'mer_4' } })).toBe(0);
});
