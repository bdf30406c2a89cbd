// Goal: the guarantees of `POST /v1/payment-intents`. Method: the running api over real Postgres
// and Redis.
import { openCard, parseKeySet } from '@quittance/vault';
import { Redis } from 'ioredis';
import { clearCard } from '../../../../test/support/clear-card.js';
import { eventually } from '../../../../test/support/eventually.js';
import { aCard, aRequest } from '../../test/a-request.js';
import { ApiRig, type TestMerchant } from '../../test/api-rig.js';

let rig: ApiRig;
let merchant: TestMerchant;

beforeAll(async () => {
  rig = await ApiRig.start();
});
afterAll(() => rig.stop());
beforeEach(async () => {
  merchant = await rig.addMerchant();
});

const rowsOf = (id: string) =>
  rig.count('SELECT count(*) FROM payment_intents WHERE merchant_id = $1', [id]);

describe('accepting a payment', () => {
  it('answers 202 with the payment, and it is committed with its event', async () => {
    const { status, body } = await rig.create(merchant);
    expect(status).toBe(202);
    expect(body).toMatchObject({
      object: 'payment_intent',
      reference: 'ORD-1001',
      status: 'queued',
      amount: '11.11',
      refunded_amount: '0.00',
      livemode: false,
      version: 1,
      card: { brand: 'visa', first6: '401200', last4: '0026' },
      metadata: { cart: 'c-77' },
    });
    const events = 'SELECT count(*) FROM payment_events WHERE payment_id = $1 AND sequence = 1';
    expect(await rig.count(events, [body['id']])).toBe(1);
  });

  it('queues its submission and its event', async () => {
    await rig.create(merchant);
    const redis = new Redis(rig.redis.url);
    const { prefix } = rig.redis;
    await eventually(async () => {
      expect(await redis.zcard(`${prefix}:submission-default:prioritized`)).toBeGreaterThan(0);
      expect(await redis.llen(`${prefix}:events-orders:wait`)).toBeGreaterThan(0);
    });
    await redis.quit();
    await eventually(async () => expect(await rig.count('SELECT count(*) FROM outbox')).toBe(0));
  });

  it('encrypts the card for the worker, and stores nothing else of it', async () => {
    const { body } = await rig.create(merchant, {
      card: aCard({ number: '4111111111111111', cvv: '9876' }),
    });
    const { rows } = await rig.pool.query<{ row: string; sealed_card: string }>(
      'SELECT p::text AS row, sealed_card FROM payment_intents p WHERE id = $1',
      [body['id']],
    );
    const keys = parseKeySet(JSON.stringify(rig.keySets.worker));
    const context = { paymentId: String(body['id']), keys };
    expect(clearCard(await openCard(rows[0]?.sealed_card ?? '', context))).toEqual({
      number: '4111111111111111',
      cvv: '9876',
      expMonth: '01',
      expYear: '30',
    });
    const stored = [rows[0]?.row, JSON.stringify(body), ...rig.logged].join('\n');
    expect(stored).not.toContain('4111111111111111');
    expect(stored).not.toContain('9876');
  });

  it.each([
    ['not JSON', '{"reference":', 400, 'unreadable_request'],
    ['empty', '', 400, 'unreadable_request'],
    ['a poisoned prototype', '{"__proto__": {}}', 400, 'unreadable_request'],
    ['with faults', '{}', 422, 'validation_failed'],
    [
      'more than 64 KiB',
      JSON.stringify({ reference: 'x'.repeat(70_000) }),
      413,
      'payload_too_large',
    ],
  ])('rejects a body that is %s, and stores nothing', async (_what, body, status, code) => {
    const { key } = merchant;
    const answer = await rig.ask('POST', '/v1/payment-intents', { key, body });
    expect(answer).toMatchObject({ status, body: { code, status } });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(await rowsOf(merchant.id)).toBe(0);
  });

  it('rejects a body of another type', async () => {
    const { key } = merchant;
    const headers = { 'content-type': 'text/plain' };
    const answer = await rig.ask('POST', '/v1/payment-intents', { key, body: 'x', headers });
    expect(answer.status).toBe(415);
  });

  it('rejects a terminal of another merchant like one that does not exist', async () => {
    const other = await rig.addMerchant();
    await rig.pool.query(`UPDATE terminals SET name = 'foreign' WHERE id = $1`, [other.terminalId]);
    const foreign = await rig.create(merchant, { terminal: 'foreign' });
    const absent = await rig.create(merchant, { terminal: 'absent' });
    expect(foreign.body['errors']).toEqual(absent.body['errors']);
    expect(foreign.status).toBe(422);
  });

  it('rejects a wrong check digit on a live terminal only', async () => {
    const live = await rig.addMerchant({ mode: 'live' });
    const card = aCard({ number: '5111111111111111' });
    expect((await rig.create(live, { card })).status).toBe(422);
    expect((await rig.create(merchant, { card })).status).toBe(202);
  });
});

describe('the same reference again', () => {
  it('answers 200 with the payment in its current state', async () => {
    const first = await rig.create(merchant);
    const again = await rig.create(merchant, { metadata: { other: 'note' } });
    expect(again.status).toBe(200);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.body).toEqual(first.body);
    expect(await rowsOf(merchant.id)).toBe(1);
  });

  it('is the same request however its numbers are spelled', async () => {
    await rig.create(merchant, { amount: '11.10' });
    const card = aCard({ number: '4012 0000 3333 0026', exp_year: '2030' });
    expect((await rig.create(merchant, { amount: '11.1', card })).status).toBe(200);
  });

  it('is the same request with null for an absent member, and vice versa', async () => {
    const nulls = {
      card_jwe: null,
      source_url: null,
      metadata: null,
      customer: { name: null, email: null, phone: null, ip: null, address: null },
    };
    const first = await rig.create(merchant, { customer: undefined });
    const again = await rig.create(merchant, nulls);
    expect([first.status, again.status]).toEqual([202, 200]);
    expect((await rig.create(merchant, { ...nulls, reference: 'NULLS' })).status).toBe(202);
    const other = { reference: 'NULLS', customer: { address: {} } };
    expect((await rig.create(merchant, other)).status).toBe(200);
  });

  it('with different content answers 409 and names the fields, not their values', async () => {
    await rig.create(merchant);
    const card = aCard({ number: '4111111111111111' });
    const answer = await rig.create(merchant, { amount: '12.00', product_name: 'Three', card });
    expect(answer).toMatchObject({ status: 409, body: { code: 'reference_conflict' } });
    const errors = answer.body['errors'] as { path: string }[];
    expect(errors.map(({ path }) => path)).toEqual(['amount', 'product_name', 'card.number']);
    const response = JSON.stringify(answer.body);
    for (const value of ['11.11', '12.00', 'Three', '4111', '0026'])
      expect(response).not.toContain(value);
  });

  it('of a deleted payment is refused by every door, and charges nothing', async () => {
    const headers = { 'idempotency-key': '"k-old"' };
    const { body } = await rig.create(merchant, {}, headers);
    await rig.pool.query(
      `BEGIN; SET LOCAL session_replication_role = replica;
       UPDATE payment_intents SET status = 'cancelled', next_step_at = NULL, sealed_card = NULL; COMMIT`,
    );
    await rig.pool.query('SELECT end_payments($1, now())', [[body['id']]]);
    const again = await rig.create(merchant);
    expect(again).toMatchObject({ status: 409, body: { code: 'reference_conflict' } });
    expect(again.body['detail']).toContain('deleted');
    const sameKey = await rig.create(merchant, { reference: 'ORD-1002' }, headers);
    expect(sameKey).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
    expect(await rowsOf(merchant.id)).toBe(0);
  });

  it('of another merchant is another payment', async () => {
    const other = await rig.addMerchant();
    const [mine, foreign] = [await rig.create(merchant), await rig.create(other)];
    expect(foreign.status).toBe(202);
    expect(foreign.body['id']).not.toBe(mine.body['id']);
  });

  it('fifty times at once becomes one payment, which all fifty responses show', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => rig.create(merchant)));
    expect(await rowsOf(merchant.id)).toBe(1);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      ...Array<number>(49).fill(200),
      202,
    ]);
    expect(new Set(answers.map(({ body }) => body['id'])).size).toBe(1);
  });

  it('fifty times at once with two contents becomes one payment, and a conflict for the other content', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        rig.create(merchant, { amount: index % 2 ? '1.00' : '2.00' }),
      ),
    );
    expect(await rowsOf(merchant.id)).toBe(1);
    const tally = [200, 202, 409].map(
      (status) => answers.filter((answer) => answer.status === status).length,
    );
    expect(tally).toEqual([24, 1, 25]);
  });
});

describe('the count of requests', () => {
  it('has their results', async () => {
    const total = async (outcome: string) => {
      const metric = rig.metrics.registry.getSingleMetric('quittance_intake_total');
      const values = (await metric?.get())?.values ?? [];
      return values.find(({ labels }) => labels['outcome'] === outcome)?.value ?? 0;
    };
    const before = { accepted: await total('accepted'), invalid: await total('invalid') };
    await rig.create(merchant);
    await rig.ask('POST', '/v1/payment-intents', {
      key: merchant.key,
      body: aRequest({ amount: '0' }),
    });
    expect(await total('accepted')).toBe(before.accepted + 1);
    expect(await total('invalid')).toBe(before.invalid + 1);
  });
});

describe('Idempotency-Key', () => {
  const create = (body: object, key: string, by = merchant) =>
    rig.ask('POST', '/v1/payment-intents', {
      key: by.key,
      body: JSON.stringify(body),
      headers: { 'idempotency-key': key },
    });

  it('makes a repeat the same payment', async () => {
    const first = await create(aRequest(), '"k-1"');
    const again = await create(aRequest({ metadata: {} }), 'k-1');
    expect([first.status, again.status]).toEqual([202, 200]);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
  });

  it.each([
    ['another reference', { reference: 'ORD-2' }, ['reference']],
    ['another reference that exists', { reference: 'ORD-0' }, ['reference']],
    ['another amount', { amount: '12.00' }, ['amount']],
    ['another order', { reference: 'ORD-2', order_id: 'ORD-2' }, ['reference', 'order_id']],
  ])('with %s is rejected, and nothing is stored', async (_what, changes, paths) => {
    await rig.create(merchant, { reference: 'ORD-0' });
    await create(aRequest(), 'k-1');
    const { status, body } = await create(aRequest(changes), 'k-1');
    expect([status, body['code']]).toEqual([422, 'idempotency_key_reused']);
    expect((body['errors'] as { path: string }[]).map(({ path }) => path)).toEqual(paths);
    expect(await rowsOf(merchant.id)).toBe(2);
  });

  it('belongs to its merchant', async () => {
    const other = await rig.addMerchant();
    await create(aRequest(), 'k-1');
    expect((await create(aRequest(), 'k-1', other)).status).toBe(202);
  });

  it('of twenty concurrent requests makes one payment', async () => {
    const references = Array.from({ length: 20 }, (_, index) => `ORD-${index % 4}`);
    const answers = await Promise.all(
      references.map((reference) => create(aRequest({ reference }), 'k-1')),
    );
    const count = (code: number) => answers.filter(({ status }) => status === code).length;
    expect([200, 202, 422].map(count)).toEqual([4, 1, 15]);
    expect(await rowsOf(merchant.id)).toBe(1);
  });

  it('that cannot be read is rejected, and nothing is stored', async () => {
    const { status, body } = await create(aRequest(), '"a", "b"');
    expect([status, body['code']]).toEqual([400, 'idempotency_key_invalid']);
    expect(await rowsOf(merchant.id)).toBe(0);
  });
});

describe('order_id', () => {
  it('groups the tries to pay one order, which can be listed', async () => {
    const tries = ['TRY-1', 'TRY-2'].map((reference) => ({ reference, order_id: 'ORDER-1' }));
    for (const body of tries) expect((await rig.create(merchant, body)).status).toBe(202);
    await rig.create(merchant, { reference: 'TRY-3', order_id: 'ORDER-2' });
    const { key } = merchant;
    const { body } = await rig.ask('GET', '/v1/payment-intents?order_id=ORDER-1', { key });
    const listed = (body['data'] as object[]).map((row) => ({
      reference: (row as { reference: string }).reference,
      order_id: (row as { order_id: string }).order_id,
    }));
    expect(listed).toEqual(tries.toReversed());
  });

  it('is explained when the same reference comes with another card', async () => {
    await rig.create(merchant);
    const { status, body } = await rig.create(merchant, {
      card: aCard({ number: '4111111111111111' }),
    });
    expect(status).toBe(409);
    expect(body['detail']).toContain('send a new reference and the same order_id');
  });
});
