// Goal: lists from a replica skip no event, and mix no two states. Method: a real standby that
// streams from a real primary, and whose replay the test pauses.
import { EventList, PaymentList, Payments } from '@quittance/persistence';
import { lowestId, newId } from '@quittance/platform';
import type { PoolClient } from 'pg';
import { aPayment } from '../../../../test/support/payments.js';
import { acceptPayment, ListReader, storedEvents } from '../../test/event-list.js';
import { type ReplicaReads, ReplicaRig, START_LIMIT_MS } from '../../test/replica-rig.js';
import { LIST_START } from '../events/list-events-query.js';
import { MerchantEvents } from '../events/merchant-events.js';

const MERCHANT = 'mer_test';
/** More than a session lists, so that the primary's log names their transaction alone. */
const SAVEPOINTS = 100;

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

const newReader = () => new ListReader(new MerchantEvents(new EventList(replica.reads)));

describe('the list of events', () => {
  let writer: PoolClient;
  beforeEach(async () => {
    writer = await servers.owner.connect();
    await writer.query('BEGIN');
  });
  afterEach(() => writer.release(true));

  /** Expects that a reader misses none although a transaction commits late. */
  async function expectNoneMissed(accepted: number): Promise<void> {
    const known = await storedEvents(servers.owner);
    await acceptPayment(servers.owner, newId('NEWER'));
    await servers.replayed();
    const reader = newReader();
    await reader.toEnd(1_000);
    expect(reader.ids).toEqual(known);
    await writer.query('COMMIT');
    await servers.replayed();
    await reader.toEnd(1_000);
    expect(reader.ids).toEqual(await storedEvents(servers.owner));
    expect(reader.ids).toHaveLength(known.length + 1 + accepted);
    expect(await replica.fallbacks()).toEqual({});
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
      await servers.replayed();
      await reader.toEnd(100);
      return reader.ids;
    });
    await Promise.all(Array.from({ length: 3 }, (_, at) => writeSlowly(at))).finally(() => {
      isWriting = false;
    });
    const stored = await storedEvents(servers.owner);
    for (const ids of await Promise.all(reading)) expect(ids).toEqual(stored);
    expect(await replica.fallbacks()).toEqual({});
  });

  it('is empty for a cursor beyond the replica, and continues from it', async () => {
    const events = new EventList(replica.reads);
    await servers.whilePaused(async () => {
      await acceptPayment(servers.owner, newId('AHEAD'));
      const query = { after: LIST_START, limit: 1_000 };
      const { end } = await events.readLatest(MERCHANT, query);
      const page = await events.read(MERCHANT, { after: end, limit: 10 });
      expect(page).toMatchObject({ events: [], end, hasMore: false });
      await servers.onStandby('SELECT pg_wal_replay_resume()');
      await acceptPayment(servers.owner, newId('LATER'));
      await servers.replayed();
      const { events: next } = await events.read(MERCHANT, { after: end, limit: 10 });
      expect(next).toHaveLength(1);
    });
    expect(await replica.fallbacks()).toEqual({});
  });

  it('is decided by the primary where events have ended', async () => {
    const events = new EventList(replica.reads);
    await acceptPayment(servers.owner, newId('ENDS'));
    await servers.replayed();
    const query = { after: { ...LIST_START, endings: '0' }, limit: 1_000 };
    const whole = await events.read(MERCHANT, query);
    await servers.whilePaused(async () => {
      await deleteNewestEvent();
      // The replica has neither the deletion nor its mark.
      expect(await events.read(MERCHANT, query)).toEqual(whole);
      const gone = await events.readLatest(MERCHANT, query);
      expect(gone).toMatchObject({ isGone: true, end: { endings: '1' } });
      expect(await replica.fallbacks()).toEqual({});
      // A reader that knows of the deletion gets neither what it deleted nor the older mark.
      const rest = await events.read(MERCHANT, { ...query, after: gone.end });
      expect(rest.events).toHaveLength(whole.events.length - 1);
      expect(rest).toMatchObject({ isGone: false, end: { endings: '1' } });
      expect(await replica.fallbacks()).toEqual({ behind: 1 });
    });
    await servers.replayed();
    expect(await events.read(MERCHANT, query)).toMatchObject({ isGone: true });
  });
});

/** Deletes one event as a person could, past the guards of the history but not past the mark. */
async function deleteNewestEvent(): Promise<void> {
  const newest = `SELECT payment_id FROM payment_events ORDER BY tx DESC LIMIT 1`;
  await servers.owner.query(`DELETE FROM payment_events WHERE payment_id = (${newest})`);
}

/** Writes in transactions that overlap, some of them in savepoints, one of them rolled back. */
async function writeSlowly(at: number): Promise<void> {
  const client = await servers.owner.connect();
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
    (await new PaymentList(replica.reads).read(MERCHANT, filter, 1_000)).rows.map(
      ({ payment }) => payment.id,
    );

  it('comes from the replica, and from the primary where callers decide by it', async () => {
    const [reference, orderId] = [newId('REF'), newId('ORD')];
    await servers.whilePaused(async () => {
      const createdAt = servers.clock.now();
      const payment = aPayment({ reference, orderId, createdAt });
      await new Payments(servers.owner).accept({ payment, terminalName: 'main', sealedCard: null });
      expect(await ids({})).not.toContain(payment.id);
      expect(await ids({ reference })).toEqual([payment.id]);
      expect(await ids({ orderId })).toEqual([payment.id]);
    });
    expect(await replica.fallbacks()).toEqual({});
  });

  it('loses no payment between a page of the primary and one of the replica', async () => {
    await servers.whilePaused(async () => {
      const [old, young] = [30_000, 0].map((ageMs) => {
        const createdAt = new Date(servers.clock.now().getTime() - ageMs);
        return aPayment({ createdAt });
      });
      for (const payment of [old, young])
        if (payment)
          await new Payments(servers.owner).accept({
            payment,
            terminalName: 'main',
            sealedCard: null,
          });
      const before = lowestId('pi', new Date(servers.clock.now().getTime() + 1));
      expect(await ids({ after: before })).toEqual(expect.arrayContaining([old?.id, young?.id]));
      expect(await ids({ createdBefore: servers.clock.now() })).toContain(young?.id);
      // Payments are not accepted with an old id; this one shows that the replica answered.
      const settled = lowestId('pi', new Date(servers.clock.now().getTime() - 20_000));
      expect(await ids({ after: settled })).not.toContain(old?.id);
    });
    expect(await replica.fallbacks()).toEqual({});
  });
});
