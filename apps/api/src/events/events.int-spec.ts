// Goal: a reader of `/v1/events` sees every event exactly once, in an order that holds, whatever commits late.
// Method: the running api over real Postgres, with transactions that the test holds open.
import { eventually } from '../../../../test/support/eventually.js';
import { aPayment } from '../../../../test/support/payments.js';
import type { RequestBody } from '../../test/a-request.js';
import { ApiRig, type TestMerchant } from '../../test/api-rig.js';
import { paymentEventSchema } from '@quittance/events';
import { Payments } from '@quittance/persistence';
import type { Pool, PoolClient } from 'pg';

let rig: ApiRig;
let merchant: TestMerchant;

beforeAll(async () => {
  rig = await ApiRig.start();
});
afterAll(() => rig.stop());
beforeEach(async () => {
  merchant = await rig.addMerchant();
});

/**
 * Reads once everything committed so far may be listed. Transaction ids are the whole server's, so a transaction that
 * another test file holds open in its own database keeps newer events back here as well.
 */
async function read(after: string | null, limit = 100) {
  const { rows } = await rig.pool.query<{ tx: string }>('SELECT pg_current_xact_id()::text AS tx');
  await eventually(async () => {
    const oldest = 'SELECT pg_snapshot_xmin(pg_current_snapshot()) > $1::xid8 AS "isPast"';
    const answer = await rig.pool.query<{ isPast: boolean }>(oldest, [rows[0]?.tx]);
    expect(answer.rows[0]?.isPast).toBe(true);
  });
  return readNow(after, limit);
}

async function readNow(after: string | null, limit = 100) {
  const query = `limit=${limit}${after === null ? '' : `&after=${after}`}`;
  const { status, body } = await rig.ask('GET', `/v1/events?${query}`, { key: merchant.key });
  expect(status).toBe(200);
  return {
    events: body['data'] as RequestBody[],
    next: String(body['next']),
    hasMore: body['has_more'],
  };
}

/** Accepts a payment in a transaction that is committed when the returned function is called. */
async function acceptSlowly(reference: string): Promise<() => Promise<void>> {
  const client: PoolClient = await rig.pool.connect();
  await client.query('BEGIN');
  const oneClient = { query: client.query.bind(client) } as unknown as Pool;
  await accept(new Payments(oneClient), reference);
  return async () => {
    await client.query('COMMIT');
    client.release();
  };
}

async function accept(payments: Payments, reference: string): Promise<void> {
  const { id: merchantId, terminalId } = merchant;
  const payment = aPayment({ merchantId, terminalId, reference });
  await payments.accept({ payment, terminalName: 'main', sealedCard: null });
}

const subjects = (events: readonly RequestBody[]) =>
  events.map(({ data }) => ((data as RequestBody)['payment_intent'] as RequestBody)['reference']);

describe('the list of events', () => {
  it('holds every event as it was told, oldest first', async () => {
    const { body } = await rig.create(merchant);
    await rig.ask('POST', `/v1/payment-intents/${String(body['id'])}/cancel`, {
      key: merchant.key,
    });
    const { events } = await read(null);
    expect(events.map(({ type }) => type)).toEqual(['payment.queued.v1', 'payment.cancelled.v1']);
    for (const event of events) expect(paymentEventSchema.parse(event)).toEqual(event);
    expect(events[1]?.['data']).toMatchObject({
      sequence: 2,
      previous_status: 'queued',
      cause: 'request',
      payment_intent: { id: body['id'], status: 'cancelled' },
    });
  });

  it('goes on from its cursor, also from its end', async () => {
    for (const reference of ['A', 'B', 'C']) await rig.create(merchant, { reference });
    const first = await read(null, 2);
    expect(first.hasMore).toBe(true);
    const second = await read(first.next, 2);
    expect(second.hasMore).toBe(false);
    expect(subjects([...first.events, ...second.events])).toEqual(['A', 'B', 'C']);
    const end = await read(second.next);
    expect(end.events).toEqual([]);
    await rig.create(merchant, { reference: 'D' });
    expect(subjects((await read(end.next)).events)).toEqual(['D']);
  });

  it('starts with a cursor even while it is empty', async () => {
    const empty = await read(null);
    await rig.create(merchant);
    expect((await read(empty.next)).events).toHaveLength(1);
  });

  it('holds back what is newer than a transaction still open, and then skips neither', async () => {
    const commit = await acceptSlowly('SLOW');
    await rig.create(merchant, { reference: 'FAST' });
    const early = await readNow(null);
    expect(early.events).toEqual([]);
    await commit();
    expect(subjects((await read(early.next)).events)).toEqual(['SLOW', 'FAST']);
  });

  it('is complete and without repeats for a reader that keeps up with many writers', async () => {
    const total = 60;
    let isWriting = true;
    const writers = Promise.all(
      Array.from({ length: 6 }, async (_, writer) => {
        for (let index = 0; index < total / 6; index += 1) {
          const reference = `W${writer}-${index}`;
          if (index % 2) await rig.create(merchant, { reference });
          else await (await acceptSlowly(reference))();
        }
      }),
    ).finally(() => {
      isWriting = false;
    });
    const seen: RequestBody[] = [];
    let after: string | null = null;
    for (;;) {
      const wasWriting = isWriting;
      const page = await readNow(after, 7);
      seen.push(...page.events);
      after = page.next;
      if (!wasWriting && seen.length >= total) break;
    }
    await writers;
    expect(new Set(seen.map(({ id }) => id)).size).toBe(total);
    expect(seen).toHaveLength(total);
  });

  it.each(['x', 'MS4x', ''])('refuses the cursor %p', async (cursor) => {
    const path = `/v1/events?after=${cursor}`;
    const answer = await rig.ask('GET', path, { key: merchant.key });
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ path: 'after' }] } });
  });
});
