// Goal: the list of events shows refunds' transitions among payments', can be narrowed to types,
// and can be waited on. Method: the running api over real Postgres and Redis; the test plays the
// worker.
import { refundEventSchema } from '@quittance/events';
import { eventually } from '../../../../test/support/eventually.js';
import { ApiRig, type TestMerchant } from '../../test/api-rig.js';
import type { RequestBody } from '../../test/a-request.js';
import { TestWorker } from '../../test/test-worker.js';
import { EventLongPoll } from './event-long-poll.js';

let rig: ApiRig;
let worker: TestWorker;
let merchant: TestMerchant;

beforeAll(async () => {
  rig = await ApiRig.start();
  worker = await TestWorker.start(rig);
});
afterAll(async () => {
  await worker.stop();
  await rig.stop();
});
beforeEach(async () => {
  merchant = await rig.addMerchant();
});

async function paid(reference?: string): Promise<string> {
  const id = String((await rig.create(merchant, reference ? { reference } : {})).body['id']);
  await worker.open(id);
  await worker.report(id);
  return id;
}

const request = (id: string, body: RequestBody) =>
  rig.ask('POST', `/v1/payment-intents/${id}/refunds`, { key: merchant.key, body });

interface EventsPage {
  readonly events: readonly RequestBody[];
  readonly types: readonly unknown[];
  readonly next: string;
  readonly hasMore: unknown;
}

async function page(query: string, prefer?: string): Promise<EventsPage> {
  const headers: Readonly<Record<string, string>> = prefer === undefined ? {} : { prefer };
  const { status, body } = await rig.ask('GET', `/v1/events?${query}`, {
    key: merchant.key,
    headers,
  });
  expect([status, body]).toEqual([200, expect.anything()]);
  const events = body['data'] as RequestBody[];
  const types = events.map(({ type }) => type);
  return { events, types, next: String(body['next']), hasMore: body['has_more'] };
}

/** Reads until the list shows `count` events of these types. */
const shown = (count: number, query = '') =>
  eventually(async () => {
    const read = await page(`limit=100&${query}`);
    expect(read.events).toHaveLength(count);
    return read;
  });

const OF_PAYMENT = ['payment.queued.v1', 'payment.submitting.v1', 'payment.succeeded.v1'];

describe('the list of events', () => {
  it('shows every transition of a refund, numbered by itself, with the payment as it was', async () => {
    const payment = await paid();
    const refund = (await request(payment, { reference: 'RF-1', amount: '5.00' })).body;
    await worker.acceptRefundOf(payment);
    const { types, events } = await shown(7);
    expect(types).toEqual([
      ...OF_PAYMENT,
      'refund.pending.v1',
      'refund.submitting.v1',
      'payment.refund_pending.v1',
      'refund.pending.v1',
    ]);
    const ofRefund = events.filter(({ subject }) => subject === refund['id']);
    for (const event of ofRefund) expect(refundEventSchema.parse(event)).toEqual(event);
    expect(ofRefund.map(({ data }) => data)).toMatchObject([
      {
        merchant: merchant.id,
        sequence: 1,
        previous_status: null,
        cause: 'request',
        refund: { ...refund, version: 1 },
        payment_intent: { id: payment, status: 'succeeded', version: 3 },
      },
      { sequence: 2, previous_status: 'pending', cause: 'request', refund: { version: 2 } },
      {
        sequence: 3,
        previous_status: 'submitting',
        cause: 'reply',
        refund: { status: 'pending', version: 3 },
        payment_intent: { id: payment, status: 'refund_pending', version: 4 },
      },
    ]);
  });

  it('shows a refund that fails, though its payment does not move', async () => {
    const payment = await paid();
    await request(payment, { reference: 'RF-1' });
    await worker.failRefundOf(payment);
    const { events } = await shown(3, 'type=refund.*');
    expect(events.at(-1)).toMatchObject({
      type: 'refund.failed.v1',
      data: {
        refund: { status: 'failed', failure: { code: 'gateway_rejected' } },
        payment_intent: { status: 'succeeded', version: 3 },
      },
    });
  });

  it('continues from its cursor within one transaction of payment and refund', async () => {
    const payment = await paid();
    await request(payment, { reference: 'RF-1' });
    await worker.acceptRefundOf(payment);
    const { events } = await shown(7);
    const paged: unknown[] = [];
    let after = '';
    for (let hasMore = true; hasMore;) {
      const read = await page(`limit=1${after && `&after=${after}`}`);
      paged.push(...read.events);
      after = read.next;
      hasMore = read.hasMore === true;
    }
    expect(paged).toEqual(events);
  });
});

describe('the types of events', () => {
  it('select events, and the cursor passes over the others', async () => {
    const payment = await paid();
    await request(payment, { reference: 'RF-1' });
    await worker.failRefundOf(payment);
    await shown(6);
    expect((await shown(3, 'type=payment.*')).types).toEqual(OF_PAYMENT);
    const two = await page('type=payment.succeeded.v1,refund.failed.v1');
    expect(two.types).toEqual(['payment.succeeded.v1', 'refund.failed.v1']);
    expect((await page(`after=${two.next}`)).events).toEqual([]);
  });

  it('that are rare leave pages empty, none of which reads the list from the start', async () => {
    for (let at = 0; at < 8; at += 1) await paid(`ORD-${at}`);
    await shown(24);
    const first = await page('type=refund.*&limit=1');
    expect(first).toMatchObject({ events: [], hasMore: true });
    const rest: unknown[] = [];
    for (let read = first; read.hasMore === true;) {
      read = await page(`type=refund.*&limit=1&after=${read.next}`);
      rest.push(...read.events);
      if (read.hasMore === false) expect((await page(`after=${read.next}`)).events).toEqual([]);
    }
    expect(rest).toEqual([]);
  });

  it('must exist', async () => {
    const path = '/v1/events?type=payment.*,refund.settled.v1';
    const answer = await rig.ask('GET', path, { key: merchant.key });
    expect(answer).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'type', code: 'not_allowed' }] },
    });
  });
});

describe('waiting for an event', () => {
  const held = () => rig.app.get(EventLongPoll, { strict: false }).held;

  it('ends at once while there are events to read', async () => {
    await paid();
    await shown(3);
    expect((await page('', 'wait=30')).types).toEqual(OF_PAYMENT);
  });

  it('ends when one is committed', async () => {
    const { next } = await page('');
    const waiting = page(`after=${next}`, 'wait=30');
    await eventually(() => expect(held()).toBe(1));
    await rig.create(merchant);
    expect((await waiting).types).toEqual(['payment.queued.v1']);
  });

  it('is not ended by events of other types or merchants', async () => {
    const payment = await paid();
    const { next } = await shown(3);
    const waiting = page(`type=refund.*&after=${next}`, 'wait=30');
    await eventually(() => expect(held()).toBe(1));
    await paid('OTHER');
    await rig.create(await rig.addMerchant());
    expect(held()).toBe(1);
    await request(payment, { reference: 'RF-1' });
    expect((await waiting).types).toEqual(['refund.pending.v1']);
  });

  it('ends with the page as it is when the time is up', async () => {
    const answer = await rig.ask('GET', '/v1/events', {
      key: merchant.key,
      headers: { prefer: 'wait=1' },
    });
    expect(answer).toMatchObject({ status: 200, body: { data: [], has_more: false } });
    expect(answer.headers.get('preference-applied')).toBe('wait');
  });
});
