// Goal: every process uses Postgres's time, whatever its own clock says. Method: a real Postgres,
// and wall clocks that are wrong or jump.
import { createLogger, Metrics } from '@quittance/platform';
import { Pool } from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import { linkTo } from '../../../test/support/severable-link.js';
import { openPool } from './pool.js';
import { PostgresClock } from './postgres-clock.js';

const HOUR_MS = 3_600_000;
/** Round trips on a busy machine. */
const CLOSE_MS = 500;

let database: TestDatabase;
let pool: Pool;
let lines: string[];

beforeAll(async () => {
  database = await createTestDatabase('nothing');
  pool = new Pool({ connectionString: database.url });
});
beforeEach(() => {
  lines = [];
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const log = createLogger({
  name: 'test',
  level: 'info',
  destination: { write: (line: string) => void lines.push(line) },
});

async function postgresNow(): Promise<number> {
  const { rows } = await pool.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  return rows[0]?.now.getTime() ?? 0;
}

it.each([-2 * HOUR_MS, -2_000, 0, 2_000, 2 * HOUR_MS])(
  'uses the time of Postgres on a host that is off by %s ms, and reports an offset above a second',
  async (offMs) => {
    const metrics = new Metrics();
    const clock = new PostgresClock({ pool, log, metrics, wall: () => Date.now() + offMs });
    await clock.read();
    expect(Math.abs(clock.now().getTime() - (await postgresNow()))).toBeLessThan(CLOSE_MS);
    expect(Math.abs(clock.wallOffsetMs() - offMs)).toBeLessThan(CLOSE_MS);
    const note = await clock.check();
    expect(note === undefined).toBe(offMs === 0);
    expect(lines).toHaveLength(offMs === 0 ? 0 : 1);
    if (offMs !== 0) expect(note?.text).toMatch(offMs > 0 ? /s ahead of/ : /s behind/);
    const text = await metrics.registry.metrics();
    const offset = /^quittance_wall_clock_offset_seconds (\S+)$/m.exec(text)?.[1];
    expect(Math.abs(Number(offset) * 1_000 - offMs)).toBeLessThan(CLOSE_MS);
  },
);

it('ignores a jump of the wall clock, and logs its start and its end once', async () => {
  let jumpMs = 0;
  const clock = new PostgresClock({ pool, log, wall: () => Date.now() + jumpMs });
  await clock.read();
  jumpMs = -3 * HOUR_MS;
  expect(Math.abs(clock.now().getTime() - (await postgresNow()))).toBeLessThan(CLOSE_MS);
  await clock.read();
  await clock.read();
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('behind');
  jumpMs = 0;
  await clock.read();
  expect(lines).toHaveLength(2);
  expect(lines[1]).toContain('correct again');
});

it('continues while Postgres is silent, and follows Postgres when its time is set', async () => {
  const link = await linkTo(database.url);
  const deadlines = {
    connectMs: 3_000,
    statementMs: 1_500,
    answerMs: 2_000,
    idleInTransactionMs: 1_500,
  };
  const own = openPool({
    databaseUrl: link.url,
    connections: 1,
    applicationName: 'clock-test',
    onError: () => undefined,
    deadlines,
  });
  let ahead = 0;
  const clock = new PostgresClock({ pool: own, log, monotonic: () => performance.now() + ahead });
  await clock.read();
  link.silence({ new: 'silent' });
  await expect(clock.read()).rejects.toThrow();
  expect(Math.abs(clock.now().getTime() - (await postgresNow()))).toBeLessThan(CLOSE_MS);
  link.speak();
  // To a process, a Postgres whose time was set back looks as if the process had run ahead.
  ahead = HOUR_MS;
  await clock.read();
  expect(Math.abs(clock.now().getTime() - (await postgresNow()))).toBeLessThan(CLOSE_MS);
  await own.end();
  await link.cut();
});

it('throws before its first reading', () => {
  expect(() => new PostgresClock({ pool, log }).now()).toThrow('clock_not_set');
});
