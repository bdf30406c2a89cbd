import { createLogger, Metrics } from '@quittance/platform';
import pg from 'pg';
import {
  createTestDatabase,
  emptyTables,
  type TestDatabase,
} from '../../../test/support/postgres.js';
import { ConsumerMetrics, GapWatch } from './consumer-metrics.js';
import { EventInbox, InboxUnavailable } from './event-inbox.js';
import { aMove } from './moves.fixture.js';
import { eventOf } from './event-publisher.js';

/** Longer than any test takes. */
const GRACE_MS = 3_600_000;

describe('EventInbox', () => {
  let testDatabase: TestDatabase;
  let database: pg.Pool;
  let inbox: EventInbox;
  beforeAll(async () => {
    testDatabase = await createTestDatabase('orders');
    database = new pg.Pool({ connectionString: testDatabase.url });
    inbox = new EventInbox(database, 2000);
  });
  afterEach(() => emptyTables(database));
  afterAll(async () => {
    await database.end();
    await testDatabase.drop();
  });

  const events = (paymentId: string, ...sequences: number[]) =>
    sequences.map((sequence) => eventOf(aMove({ paymentId, sequence })));
  const receive = async (paymentId: string, ...sequences: number[]): Promise<number[]> => {
    const fresh: number[] = [];
    await inbox.receive(events(paymentId, ...sequences), async (newEvents) => {
      fresh.push(...newEvents.map((event) => event.data.sequence));
    });
    return fresh;
  };

  it.each<[string, number[][], number[][]]>([
    ['new events in their order', [[1, 2, 3]], [[1, 2, 3]]],
    [
      'each event once, within a batch and across',
      [
        [1, 1, 2],
        [2, 1, 3],
      ],
      [[1, 2], [3]],
    ],
    ['events in any order', [[3], [1, 2]], [[3], [1, 2]]],
    ['nothing when everything was handled before', [[1], [1]], [[1], []]],
  ])('passes on %s', async (_case, batches, expected) => {
    const handed: number[][] = [];
    for (const batch of batches) handed.push(await receive('pi_a', ...batch));
    expect(handed).toEqual(expected);
  });

  it('rolls back a batch whose work failed, and releases the connection', async () => {
    const failing = inbox.receive(events('pi_a', 1), () => Promise.reject(new Error('boom')));
    await expect(failing).rejects.toThrow('boom');
    expect(await receive('pi_a', 1)).toEqual([1]);
    expect(database.idleCount).toBe(database.totalCount);
  });

  it('lets only one of two processes handle an event', async () => {
    const both = await Promise.all([receive('pi_a', 1, 2), receive('pi_a', 2, 1)]);
    expect(both.flat().toSorted((a, b) => a - b)).toEqual([1, 2]);
  });

  it('is unavailable without its database or its table', async () => {
    const away = new pg.Pool({ host: '127.0.0.1', port: 1 });
    await expect(
      new EventInbox(away, 100).receive(events('pi_a', 1), async () => {}),
    ).rejects.toThrow(InboxUnavailable);
    await away.end();
    const empty = await createTestDatabase('nothing');
    const pool = new pg.Pool({ connectionString: empty.url });
    await expect(
      new EventInbox(pool, 100).receive(events('pi_a', 1), async () => {}),
    ).rejects.toThrow(InboxUnavailable);
    await pool.end();
    await empty.drop();
  });

  it.each<[string, number[][], number[]]>([
    ['no gap in a sequence without one', [[1, 2], [3]], []],
    ['the event missing in the middle', [[1], [3]], [2]],
    ['the event missing at the start', [[2]], [1]],
    ['each of several gaps', [[1], [3], [5, 6]], [2, 4]],
    ['none once it has arrived', [[1], [3], [2]], []],
    ['only what is still missing', [[4], [2], [3]], [1]],
    ['none in a batch that holds all, in any order', [[3, 1, 2]], []],
  ])('finds %s', async (_case, batches, missing) => {
    for (const batch of batches) await receive('pi_a', ...batch);
    const gaps = await inbox.findGaps(0);
    expect(gaps.map((gap) => gap.missing).toSorted((a, b) => a - b)).toEqual(missing);
    expect(gaps.every((gap) => gap.subject === 'pi_a')).toBe(true);
  });

  it('does not report a gap within the grace period', async () => {
    await receive('pi_a', 2);
    expect(await inbox.findGaps(GRACE_MS)).toEqual([]);
  });

  it('reports gaps by a gauge, and in the log once', async () => {
    const lines: string[] = [];
    const log = createLogger({
      name: 'test',
      destination: { write: (line) => void lines.push(line) },
    });
    const metrics = new Metrics();
    const watch = new GapWatch({ inbox, metrics: new ConsumerMetrics(metrics), log, graceMs: 0 });
    await receive('pi_a', 2);
    await watch.look();
    await watch.look();
    expect(await metrics.registry.metrics()).toContain('quittance_consumer_sequence_gaps 1');
    expect(lines.filter((line) => line.includes('pi_a'))).toHaveLength(1);
    await receive('pi_a', 1);
    await watch.look();
    expect(await metrics.registry.metrics()).toContain('quittance_consumer_sequence_gaps 0');
  });
});
