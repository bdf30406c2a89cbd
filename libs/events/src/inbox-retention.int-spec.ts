// Goal: old events leave the inbox, and neither a repeat nor a successor of them is taken for
// another. Method: the inbox over a real database, with rows made older.
import pg from 'pg';
import {
  createTestDatabase,
  emptyTables,
  type TestDatabase,
} from '../../../test/support/postgres.js';
import { EventInbox } from './event-inbox.js';
import { eventOf } from './event-publisher.js';
import { InboxRetention } from './inbox-retention.js';
import { aMove } from './moves.fixture.js';

let testDatabase: TestDatabase;
let owner: pg.Pool;
let orders: pg.Pool;
let inbox: EventInbox;

beforeAll(async () => {
  testDatabase = await createTestDatabase('orders');
  owner = new pg.Pool({ connectionString: testDatabase.url });
  orders = new pg.Pool({ connectionString: testDatabase.urlAs('orders') });
  inbox = new EventInbox(orders, 2_000);
});
afterEach(() => emptyTables(owner));
afterAll(async () => {
  await Promise.all([owner.end(), orders.end()]);
  await testDatabase.drop();
});

async function receive(paymentId: string, ...sequences: number[]): Promise<number[]> {
  const events = sequences.map((sequence) => eventOf(aMove({ paymentId, sequence })));
  const fresh: number[] = [];
  await inbox.receive(events, async (news) => {
    fresh.push(...news.map((event) => event.data.sequence));
  });
  return fresh;
}

const age = (days: number) =>
  owner.query(`UPDATE event_inbox SET received_at = received_at - $1 * interval '1 day'`, [days]);

async function walk(days = 30): Promise<number> {
  let ended = 0;
  const onEnded = (count: number) => void (ended += count);
  await new InboxRetention({ database: orders, days, onEnded }).walk(new AbortController().signal);
  return ended;
}

async function left(): Promise<string[]> {
  const { rows } = await owner.query<{ row: string }>(
    `SELECT subject || ' ' || sequence AS row FROM event_inbox ORDER BY subject, sequence`,
  );
  return rows.map(({ row }) => row);
}

it('ends the events of a subject but for the newest, which drops their repeats', async () => {
  await receive('pi_a', 1, 2, 3);
  await age(31);
  await receive('pi_b', 1, 2);
  expect(await walk()).toBe(2);
  expect(await left()).toEqual(['pi_a 3', 'pi_b 1', 'pi_b 2']);
  expect(await receive('pi_a', 1, 2, 3)).toEqual([]);
  expect(await receive('pi_a', 4, 5)).toEqual([4, 5]);
  expect(await inbox.findGaps(0)).toEqual([]);
  await age(31);
  expect(await walk()).toBe(3);
  expect(await receive('pi_a', 2, 4, 5)).toEqual([]);
});

it('leaves a subject alone that has a recent event, or a gap', async () => {
  await receive('pi_a', 1, 2);
  await receive('pi_b', 1, 3);
  await age(31);
  await receive('pi_a', 3);
  expect(await walk()).toBe(0);
  expect(await receive('pi_b', 2)).toEqual([2]);
});

it('reads any number of events, in several batches', async () => {
  await owner.query(
    `INSERT INTO event_inbox (subject, sequence, event_id, type, received_at, is_ahead)
     SELECT 'pi_' || s, n, s || '-' || n, 'x', now() - interval '31 days', false
     FROM generate_series(1, 700) s, generate_series(1, 3) n`,
  );
  const walks = await Promise.all([walk(), walk()]);
  expect(walks[0] + walks[1] + (await walk())).toBe(1_400);
  expect(await left()).toHaveLength(700);
});
