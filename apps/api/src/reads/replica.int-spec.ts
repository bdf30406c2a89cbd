// Goal: no read comes from data that are too old or another database's, and a replica that fails
// costs no answer. Method: a real standby that streams from a real primary, which the test kills,
// freezes and makes conflict with reads.
import { onDatabase } from '@quittance/databases';
import { EventList, requireReplica } from '@quittance/persistence';
import { eventually } from '../../../../test/support/eventually.js';
import { startPgBouncer } from '../../../../test/support/pgbouncer.js';
import { asRole } from '../../../../test/support/postgres.js';
import {
  isStandby,
  poolOf,
  REST_LIMIT_MS,
  type ReplicaReads,
  ReplicaRig,
  START_LIMIT_MS,
} from '../../test/replica-rig.js';
import { LIST_START } from '../events/list-events-query.js';

const MERCHANT = 'mer_test';

let servers: ReplicaRig;
let replica: ReplicaReads;

beforeAll(async () => {
  servers = await ReplicaRig.start();
}, START_LIMIT_MS);
beforeEach(async () => {
  replica = await servers.readsFrom(servers.standbyUrl);
}, START_LIMIT_MS);
afterEach(() => servers.closeReads(), START_LIMIT_MS);
afterAll(() => servers.stop(), START_LIMIT_MS);

describe('the primary answers', () => {
  beforeEach(async () => {
    replica = await servers.readsFrom(servers.standbyUrl, { isPatient: false });
  }, START_LIMIT_MS);

  const counted = (reason: string) =>
    eventually(
      async () => {
        expect(await replica.isFromStandby()).toBe(false);
        expect(await replica.fallbacks()).toHaveProperty(reason);
      },
      { limitMs: REST_LIMIT_MS },
    );
  const isBack = () =>
    eventually(async () => expect(await replica.isFromStandby()).toBe(true), {
      limitMs: REST_LIMIT_MS,
    });
  const newestBeat = async () =>
    (await servers.owner.query<{ id: string }>('SELECT beats[1] AS id FROM replica_beats')).rows;

  it(
    'for one that lags by more than five seconds, until it has caught up',
    async () => {
      await eventually(async () => expect(await replica.lag()).toBeLessThan(5));
      await servers.whilePaused(async () => {
        await counted('lag');
        expect(await replica.lag()).toBeGreaterThan(5);
      });
      await isBack();
      await eventually(async () => expect(await replica.lag()).toBeLessThan(5));
    },
    START_LIMIT_MS,
  );

  it(
    'for one that was killed, until it is back',
    async () => {
      await servers.standby.crash();
      await counted('unreachable');
      await servers.standby.startAgain();
      await isBack();
    },
    START_LIMIT_MS,
  );

  it(
    'for one that is frozen, and further reads do not wait for it',
    async () => {
      await servers.standby.signal('SIGSTOP');
      try {
        await counted('overdue');
        const { totalCount } = replica.pool;
        for (let reads = 0; reads < 200; reads += 1)
          expect(await replica.isFromStandby()).toBe(false);
        expect(replica.pool.totalCount).toBeLessThanOrEqual(totalCount + 1);
      } finally {
        await servers.standby.signal('SIGCONT');
      }
      await isBack();
    },
    START_LIMIT_MS,
  );

  it('for a while after a read took too long, although the replica answers', async () => {
    await replica.reads.read(async (source) => {
      if (await isStandby(source)) await source.query('SELECT pg_sleep(4)');
    });
    expect(await replica.fallbacks()).toEqual({ overdue: 1 });
    const looked = await newestBeat();
    await eventually(async () => expect(await newestBeat()).not.toEqual(looked));
    expect(await replica.isFromStandby()).toBe(false);
    expect(await replica.fallbacks()).toEqual({ overdue: 2 });
  });
});

describe('the primary answers at once', () => {
  it('for a read that replay cancels', async () => {
    await servers.owner.query('CREATE TABLE in_the_way (n integer)');
    await servers.owner.query('GRANT SELECT ON in_the_way TO quittance_api');
    await servers.replayed();
    const standbys: boolean[] = [];
    const read = replica.reads.read(async (source) => {
      standbys.push(await isStandby(source));
      if (standbys.at(-1))
        await source.query('SELECT pg_sleep(60) FROM (SELECT count(*) FROM in_the_way) n');
    });
    await eventually(async () => {
      const waits = `SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event = 'PgSleep'`;
      expect(await servers.onStandby(waits)).toEqual([{ n: 1 }]);
    });
    // Not before: the beats, which are pruned, would cancel the read at any moment.
    await servers.onStandby(`ALTER SYSTEM SET max_standby_streaming_delay = '10ms'`);
    await servers.onStandby('SELECT pg_reload_conf()');
    await servers.owner.query('DROP TABLE in_the_way');
    await read;
    expect(standbys).toEqual([true, false]);
    expect(await replica.fallbacks()).toEqual({ conflict: 1 });
    expect(await replica.isFromStandby()).toBe(true);
  });

  it('for another database with beats of its own', async () => {
    await servers.replayed();
    await onDatabase(servers.primary.databaseUrl('postgres'), async (client) => {
      await client.query(`CREATE DATABASE restored TEMPLATE replicated_orders`);
    });
    const url = servers.primary.databaseUrl('restored');
    await onDatabase(url, async (client) => {
      await client.query('CREATE TABLE replica_beats (beats uuid[], at timestamptz)');
      await client.query('GRANT SELECT ON replica_beats TO quittance_api');
      await client.query('GRANT CONNECT ON DATABASE restored TO quittance_api');
      await client.query(
        `INSERT INTO replica_beats VALUES (ARRAY[gen_random_uuid()], now() + interval '1 hour')`,
      );
    });
    const other = servers.open(url);
    await eventually(async () => {
      await other.reads.recent.query('SELECT 1');
      expect(await other.fallbacks()).toHaveProperty('foreign');
    });
  });
});

it('reads from a server that writes, if it is the same', async () => {
  const same = await servers.readsFrom(servers.primaryUrl);
  expect(await same.isFromStandby()).toBe(false);
});

it('reads behind a pooler of transactions, if it is declared', async () => {
  const pooler = await startPgBouncer(servers.standbyUrl);
  try {
    const url = pooler.through(servers.standbyUrl);
    const pooled = await servers.readsFrom(url, { pooler: 'transaction' });
    const { events } = await new EventList(pooled.reads).read(MERCHANT, {
      after: LIST_START,
      limit: 1,
    });
    expect(events).toHaveLength(1);
    expect(await pooled.isFromStandby()).toBe(true);
    expect(await pooled.fallbacks()).toEqual({});
    const undeclared = servers.open(url);
    await eventually(async () => {
      expect(await undeclared.isFromStandby()).toBe(false);
      const reasons = Object.keys(await undeclared.fallbacks());
      expect(reasons).toEqual(expect.arrayContaining(['session']));
    });
  } finally {
    await servers.closeReads();
    await pooler.stop();
  }
});

it('refuses another database at the start', async () => {
  const other = poolOf(asRole(servers.primary.databaseUrl('replicated_orders'), 'orders'));
  await expect(requireReplica(servers.api, other)).rejects.toThrow('DATABASE_READ_URL');
  await expect(requireReplica(servers.api, replica.pool)).resolves.toBeUndefined();
  await other.end();
});
