// Goal: reads from a replica skip no event, mix no two states of a list, and never come from data
// that are too old or another database's; and a replica that fails costs no answer. Method: a real
// standby that streams from a real primary, whose replay the test pauses, and which it kills,
// freezes and makes conflict with reads.
import { grantBoth, migrateBoth, onDatabase, PROCESSES } from '@quittance/databases';
import {
  createPool,
  EventList,
  PaymentList,
  Payments,
  type Queryable,
  Reads,
  Replica,
  REPLICA_DEADLINES,
  requireReplica,
} from '@quittance/persistence';
import { createLogger, lowestId, Metrics, newId } from '@quittance/platform';
import { type Pooler, PostgresClock } from '@quittance/postgres';
import type { Pool, PoolClient } from 'pg';
import { ChaosPostgres } from '../../../../test/chaos/stack/servers.js';
import { eventually } from '../../../../test/support/eventually.js';
import { startPgBouncer } from '../../../../test/support/pgbouncer.js';
import { aPayment } from '../../../../test/support/payments.js';
import { asRole } from '../../../../test/support/postgres.js';
import { Session } from '../../../../tools/processes/session.js';
import { acceptPayment, addFirstPayment, ListReader, storedEvents } from '../../test/event-list.js';
import { LIST_START } from '../events/list-events-query.js';
import { MerchantEvents } from '../events/merchant-events.js';

const START_LIMIT_MS = 120_000;
/** A replica that failed rests for ten seconds. */
const REST_LIMIT_MS = 30_000;
/** For tests that a slow machine may not decide. */
const PATIENT = { ...REPLICA_DEADLINES, connectMs: 30_000, answerMs: 60_000 };
const PATIENT_LIMITS = { lagMs: 60_000, beatsMs: 60_000 };
const MERCHANT = 'mer_test';
/** More than a session lists, so that the primary's log names their transaction alone. */
const SAVEPOINTS = 100;

const log = createLogger({ name: 'test', level: 'silent' });
const session = new Session();
let primary: ChaosPostgres;
let standby: ChaosPostgres;
let owner: Pool;
let api: Pool;
let clock: PostgresClock;
let rig: ReplicaRig;
const opened: Reads[] = [];

/** Reads over a replica, with its metrics. */
interface ReplicaRig {
  readonly reads: Reads;
  readonly pool: Pool;
  readonly metrics: Metrics;
}

beforeAll(async () => {
  primary = await ChaosPostgres.start(session, { isDurable: false, logName: 'replica-postgres' });
  const urls = {
    databaseUrl: primary.databaseUrl('replicated'),
    ordersDatabaseUrl: primary.databaseUrl('replicated_orders'),
  };
  await migrateBoth(urls);
  const { password } = new URL(urls.databaseUrl);
  await grantBoth(urls, Object.fromEntries(PROCESSES.map((name) => [name, password])));
  standby = await primary.addStandby();
  owner = poolOf(urls.databaseUrl);
  api = poolOf(asRole(urls.databaseUrl, 'api'));
  clock = new PostgresClock({ pool: api, log });
  await clock.read();
  clock.start();
  await addFirstPayment(owner);
}, START_LIMIT_MS);
beforeEach(async () => {
  rig = await readsFrom(standby.databaseUrl('replicated'));
}, START_LIMIT_MS);
afterEach(async () => {
  await Promise.all(opened.splice(0).map((reads) => reads.stop()));
}, START_LIMIT_MS);
afterAll(async () => {
  await clock.stop();
  await Promise.all([owner.end(), api.end()]);
  await session.stop();
}, START_LIMIT_MS);

function poolOf(databaseUrl: string, deadlines = PATIENT, pooler: Pooler = 'none'): Pool {
  const options = { connections: 4, pooler, applicationName: 'test', onError: () => undefined };
  return createPool({ databaseUrl, deadlines, ...options });
}

interface OpenOptions {
  readonly isPatient?: boolean;
  readonly pooler?: Pooler;
}

/** Opens reads as the api does, on the database of an owner's URL. */
function open(url: string, { isPatient = true, pooler = 'none' }: OpenOptions = {}): ReplicaRig {
  const pool = poolOf(asRole(url, 'api'), isPatient ? PATIENT : REPLICA_DEADLINES, pooler);
  const metrics = new Metrics();
  const limits = isPatient ? PATIENT_LIMITS : {};
  const replica = new Replica({ primary: api, pool, clock, log, metrics, limits });
  const reads = new Reads(api, replica);
  reads.start();
  opened.push(reads);
  return { reads, pool, metrics };
}

/** The same, once the replica answers. */
async function readsFrom(url: string, options: OpenOptions = {}): Promise<ReplicaRig> {
  const made = open(url, options);
  await eventually(async () => expect(await isFromReplica(made)).toBe(true), {
    limitMs: REST_LIMIT_MS,
  });
  made.metrics.registry.resetMetrics();
  return made;
}

async function fallbacks({ metrics }: ReplicaRig): Promise<Record<string, number>> {
  const counter = await metrics.registry
    .getSingleMetric('quittance_replica_fallbacks_total')
    ?.get();
  const counted = counter?.values.filter(({ value }) => value > 0) ?? [];
  return Object.fromEntries(counted.map(({ labels, value }) => [String(labels['reason']), value]));
}

async function isStandby(source: Queryable): Promise<boolean> {
  const { rows } = await source.query<{ is: boolean }>('SELECT pg_is_in_recovery() AS is');
  return rows[0]?.is ?? false;
}

/** True when a read came from the replica, also if that is a server that writes. */
async function isFromReplica(made: ReplicaRig): Promise<boolean> {
  const before = await fallbacks(made);
  await isStandby(made.reads.recent);
  return JSON.stringify(await fallbacks(made)) === JSON.stringify(before);
}

/** Waits until the standby has replayed all that the primary has committed. */
async function replayed(): Promise<void> {
  const { rows } = await owner.query<{ lsn: string }>('SELECT pg_current_wal_insert_lsn() AS lsn');
  await eventually(async () => {
    const passed = await onStandby('SELECT pg_last_wal_replay_lsn() >= $1 AS passed', [
      rows[0]?.lsn,
    ]);
    expect(passed).toEqual([{ passed: true }]);
  });
}

const onStandby = (sql: string, values: unknown[] = []): Promise<unknown[]> =>
  onDatabase(standby.databaseUrl('replicated'), async (client) => {
    return (await client.query<Record<string, unknown>>(sql, values)).rows;
  });

/** Runs `work` while the standby receives the log and replays none of it. */
async function whilePaused(work: () => Promise<void>): Promise<void> {
  await replayed();
  await onStandby('SELECT pg_wal_replay_pause()');
  try {
    await eventually(async () => {
      const state = await onStandby('SELECT pg_get_wal_replay_pause_state() AS state');
      expect(state).toEqual([{ state: 'paused' }]);
    });
    await work();
  } finally {
    await onStandby('SELECT pg_wal_replay_resume()');
  }
}

const newReader = () => new ListReader(new MerchantEvents(new EventList(rig.reads)));

describe('the list of events', () => {
  let writer: PoolClient;
  beforeEach(async () => {
    writer = await owner.connect();
    await writer.query('BEGIN');
  });
  afterEach(() => writer.release(true));

  /** Expects that a reader misses none although a transaction commits late. */
  async function expectNoneMissed(accepted: number): Promise<void> {
    const known = await storedEvents(owner);
    await acceptPayment(owner, newId('NEWER'));
    await replayed();
    const reader = newReader();
    await reader.toEnd(1_000);
    expect(reader.ids).toEqual(known);
    await writer.query('COMMIT');
    await replayed();
    await reader.toEnd(1_000);
    expect(reader.ids).toEqual(await storedEvents(owner));
    expect(reader.ids).toHaveLength(known.length + 1 + accepted);
    expect(await fallbacks(rig)).toEqual({});
  }

  it('waits for a transaction that is open on the primary', async () => {
    await acceptPayment(writer, newId('SLOW'));
    await expectNoneMissed(1);
  });

  it('waits for one that has written nothing yet', async () => {
    await writer.query('SELECT pg_current_xact_id()');
    await expectNoneMissed(0);
  });

  it('waits for one of very many subtransactions', async () => {
    for (let at = 0; at < SAVEPOINTS; at += 1) {
      await writer.query(`SAVEPOINT at_${at}`);
      await acceptPayment(writer, newId('SUB'));
    }
    await expectNoneMissed(SAVEPOINTS);
  });

  it('is the same for readers that keep up with writers', async () => {
    await writer.query('COMMIT');
    let isWriting = true;
    const reading = Array.from({ length: 2 }, async (_, at) => {
      const reader = newReader();
      while (isWriting) await reader.page(5 + at);
      await replayed();
      await reader.toEnd(100);
      return reader.ids;
    });
    await Promise.all(Array.from({ length: 3 }, (_, at) => writeSlowly(at))).finally(() => {
      isWriting = false;
    });
    const stored = await storedEvents(owner);
    for (const ids of await Promise.all(reading)) expect(ids).toEqual(stored);
    expect(await fallbacks(rig)).toEqual({});
  });

  it('is empty for a cursor beyond the replica, and continues from it', async () => {
    const events = new EventList(rig.reads);
    await whilePaused(async () => {
      await acceptPayment(owner, newId('AHEAD'));
      const query = { after: LIST_START, limit: 1_000 };
      const { end } = await events.readLatest(MERCHANT, query);
      const page = await events.read(MERCHANT, { after: end, limit: 10 });
      expect(page).toMatchObject({ events: [], end, hasMore: false });
      await onStandby('SELECT pg_wal_replay_resume()');
      await acceptPayment(owner, newId('LATER'));
      await replayed();
      const { events: next } = await events.read(MERCHANT, { after: end, limit: 10 });
      expect(next).toHaveLength(1);
    });
    expect(await fallbacks(rig)).toEqual({});
  });

  it('is decided by the primary where events have ended', async () => {
    const events = new EventList(rig.reads);
    await acceptPayment(owner, newId('ENDS'));
    await replayed();
    const query = { after: { ...LIST_START, endings: '0' }, limit: 1_000 };
    const whole = await events.read(MERCHANT, query);
    await whilePaused(async () => {
      await deleteNewestEvent();
      // The replica has neither the deletion nor its mark.
      expect(await events.read(MERCHANT, query)).toEqual(whole);
      const gone = await events.readLatest(MERCHANT, query);
      expect(gone).toMatchObject({ isGone: true, end: { endings: '1' } });
      expect(await fallbacks(rig)).toEqual({});
      // A reader that knows of the deletion gets neither what it deleted nor the older mark.
      const rest = await events.read(MERCHANT, { ...query, after: gone.end });
      expect(rest.events).toHaveLength(whole.events.length - 1);
      expect(rest).toMatchObject({ isGone: false, end: { endings: '1' } });
      expect(await fallbacks(rig)).toEqual({ behind: 1 });
    });
    await replayed();
    expect(await events.read(MERCHANT, query)).toMatchObject({ isGone: true });
  });
});

/** Deletes one event as a person could, past the guards of the history but not past the mark. */
async function deleteNewestEvent(): Promise<void> {
  const newest = `SELECT payment_id FROM payment_events ORDER BY tx DESC LIMIT 1`;
  await owner.query(`DELETE FROM payment_events WHERE payment_id = (${newest})`);
}

/** Writes in transactions that overlap, some of them in savepoints, one of them rolled back. */
async function writeSlowly(at: number): Promise<void> {
  const client = await owner.connect();
  try {
    for (let round = 0; round < 12; round += 1) {
      await client.query('BEGIN');
      if (round % 3 === at) await client.query('SAVEPOINT one');
      await acceptPayment(client, newId('REF'));
      for (let wait = 0; wait < (round * (at + 1)) % 7; wait += 1) await client.query('SELECT 1');
      await client.query(round === 5 ? 'ROLLBACK' : 'COMMIT');
    }
  } finally {
    client.release(true);
  }
}

describe('a list of payments', () => {
  const ids = async (filter: Parameters<PaymentList['read']>[1]) =>
    (await new PaymentList(rig.reads).read(MERCHANT, filter, 1_000)).rows.map(
      ({ payment }) => payment.id,
    );

  it('comes from the replica, and from the primary where callers decide by it', async () => {
    const [reference, orderId] = [newId('REF'), newId('ORD')];
    await whilePaused(async () => {
      const createdAt = clock.now();
      const payment = aPayment({ reference, orderId, createdAt });
      await new Payments(owner).accept({ payment, terminalName: 'main', sealedCard: null });
      expect(await ids({})).not.toContain(payment.id);
      expect(await ids({ reference })).toEqual([payment.id]);
      expect(await ids({ orderId })).toEqual([payment.id]);
    });
    expect(await fallbacks(rig)).toEqual({});
  });

  it('loses no payment between a page of the primary and one of the replica', async () => {
    await whilePaused(async () => {
      const [old, young] = [30_000, 0].map((ageMs) => {
        const createdAt = new Date(clock.now().getTime() - ageMs);
        return aPayment({ createdAt });
      });
      for (const payment of [old, young])
        if (payment)
          await new Payments(owner).accept({ payment, terminalName: 'main', sealedCard: null });
      const before = lowestId('pi', new Date(clock.now().getTime() + 1));
      expect(await ids({ after: before })).toEqual(expect.arrayContaining([old?.id, young?.id]));
      expect(await ids({ createdBefore: clock.now() })).toContain(young?.id);
      // Payments are not accepted with an old id; this one shows that the replica answered.
      const settled = lowestId('pi', new Date(clock.now().getTime() - 20_000));
      expect(await ids({ after: settled })).not.toContain(old?.id);
    });
    expect(await fallbacks(rig)).toEqual({});
  });
});

describe('the primary answers', () => {
  beforeEach(async () => {
    rig = await readsFrom(standby.databaseUrl('replicated'), { isPatient: false });
  }, START_LIMIT_MS);

  const counted = (reason: string) =>
    eventually(
      async () => {
        expect(await isStandby(rig.reads.recent)).toBe(false);
        expect(await fallbacks(rig)).toHaveProperty(reason);
      },
      { limitMs: REST_LIMIT_MS },
    );
  const isBack = () =>
    eventually(async () => expect(await isStandby(rig.reads.recent)).toBe(true), {
      limitMs: REST_LIMIT_MS,
    });
  const lag = async () =>
    (await rig.metrics.registry.getSingleMetric('quittance_replica_lag_seconds')?.get())?.values[0]
      ?.value ?? Number.NaN;

  const newestBeat = async () =>
    (await owner.query<{ id: string }>('SELECT beats[1] AS id FROM replica_beats')).rows;

  it(
    'for one that lags by more than five seconds, until it has caught up',
    async () => {
      await eventually(async () => expect(await lag()).toBeLessThan(5));
      await whilePaused(async () => {
        await counted('lag');
        expect(await lag()).toBeGreaterThan(5);
      });
      await isBack();
      await eventually(async () => expect(await lag()).toBeLessThan(5));
    },
    START_LIMIT_MS,
  );

  it(
    'for one that was killed, until it is back',
    async () => {
      await standby.crash();
      await counted('unreachable');
      await standby.startAgain();
      await isBack();
    },
    START_LIMIT_MS,
  );

  it(
    'for one that is frozen, and further reads do not wait for it',
    async () => {
      await standby.signal('SIGSTOP');
      try {
        await counted('overdue');
        const { totalCount } = rig.pool;
        for (let reads = 0; reads < 200; reads += 1)
          expect(await isStandby(rig.reads.recent)).toBe(false);
        expect(rig.pool.totalCount).toBeLessThanOrEqual(totalCount + 1);
      } finally {
        await standby.signal('SIGCONT');
      }
      await isBack();
    },
    START_LIMIT_MS,
  );

  it('for a while after a read took too long, although the replica answers', async () => {
    await rig.reads.read(async (source) => {
      if (await isStandby(source)) await source.query('SELECT pg_sleep(4)');
    });
    expect(await fallbacks(rig)).toEqual({ overdue: 1 });
    const looked = await newestBeat();
    await eventually(async () => expect(await newestBeat()).not.toEqual(looked));
    expect(await isStandby(rig.reads.recent)).toBe(false);
    expect(await fallbacks(rig)).toEqual({ overdue: 2 });
  });
});

describe('the primary answers at once', () => {
  it('for a read that replay cancels', async () => {
    await onStandby(`ALTER SYSTEM SET max_standby_streaming_delay = '10ms'`);
    await onStandby('SELECT pg_reload_conf()');
    await owner.query('CREATE TABLE in_the_way (n integer)');
    await owner.query('GRANT SELECT ON in_the_way TO quittance_api');
    await replayed();
    const servers: boolean[] = [];
    const read = rig.reads.read(async (source) => {
      servers.push(await isStandby(source));
      if (servers.at(-1))
        await source.query('SELECT pg_sleep(60) FROM (SELECT count(*) FROM in_the_way) n');
    });
    await eventually(async () => {
      const waits = `SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event = 'PgSleep'`;
      expect(await onStandby(waits)).toEqual([{ n: 1 }]);
    });
    await owner.query('DROP TABLE in_the_way');
    await read;
    expect(servers).toEqual([true, false]);
    expect(await fallbacks(rig)).toEqual({ conflict: 1 });
    expect(await isStandby(rig.reads.recent)).toBe(true);
  });

  it('for another database with beats of its own', async () => {
    await replayed();
    await onDatabase(primary.databaseUrl('postgres'), async (client) => {
      await client.query(`CREATE DATABASE restored TEMPLATE replicated_orders`);
    });
    const url = primary.databaseUrl('restored');
    await onDatabase(url, async (client) => {
      await client.query('CREATE TABLE replica_beats (beats uuid[], at timestamptz)');
      await client.query('GRANT SELECT ON replica_beats TO quittance_api');
      await client.query('GRANT CONNECT ON DATABASE restored TO quittance_api');
      await client.query(
        `INSERT INTO replica_beats VALUES (ARRAY[gen_random_uuid()], now() + interval '1 hour')`,
      );
    });
    const other = open(url);
    await eventually(async () => {
      await other.reads.recent.query('SELECT 1');
      expect(await fallbacks(other)).toHaveProperty('foreign');
    });
  });
});

it('reads from a server that writes, if it is the same', async () => {
  const same = await readsFrom(primary.databaseUrl('replicated'));
  expect(await isStandby(same.reads.recent)).toBe(false);
});

it('reads behind a pooler of transactions, if it is declared', async () => {
  const pooler = await startPgBouncer(standby.databaseUrl('replicated'));
  try {
    const url = pooler.through(standby.databaseUrl('replicated'));
    const pooled = await readsFrom(url, { pooler: 'transaction' });
    const { events } = await new EventList(pooled.reads).read(MERCHANT, {
      after: LIST_START,
      limit: 1,
    });
    expect(events).toHaveLength(1);
    expect(await isStandby(pooled.reads.recent)).toBe(true);
    expect(await fallbacks(pooled)).toEqual({});
    const undeclared = open(url);
    await eventually(async () => {
      expect(await isStandby(undeclared.reads.recent)).toBe(false);
      const reasons = Object.keys(await fallbacks(undeclared));
      expect(reasons).toEqual(expect.arrayContaining(['session']));
    });
  } finally {
    await Promise.all(opened.splice(0).map((reads) => reads.stop()));
    await pooler.stop();
  }
});

it('refuses another database at the start', async () => {
  const other = poolOf(asRole(primary.databaseUrl('replicated_orders'), 'orders'));
  await expect(requireReplica(api, other)).rejects.toThrow('DATABASE_READ_URL');
  await expect(requireReplica(api, rig.pool)).resolves.toBeUndefined();
  await other.end();
});
