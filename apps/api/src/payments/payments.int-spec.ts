// Goal: reading, listing and cancelling payments. Method: the running api over real Postgres and
// Redis.
import { decide } from '@quittance/payments';
import { Payments, PrismaService, writeAudit, writePaymentChange } from '@quittance/persistence';
import { type Answer, ApiRig, type TestMerchant } from '../../test/api-rig.js';
import type { RequestBody } from '../../test/a-request.js';
import { TestWorker } from '../../test/test-worker.js';

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

const idOf = ({ body }: Answer) => String(body['id']);
const ask = (method: string, path: string) =>
  rig.ask(method, `/v1/payment-intents${path}`, { key: merchant.key });

describe('reading a payment', () => {
  it('returns it in any status', async () => {
    const id = idOf(await rig.create(merchant));
    await worker.open(id);
    await worker.report(id);
    expect(await ask('GET', `/${id}`)).toMatchObject({
      status: 200,
      body: {
        id,
        status: 'succeeded',
        version: 3,
        gateway: { trans_id: expect.stringMatching(/^\d{18}$/), order_status: '25' },
      },
    });
  });

  it.each(['/pi_1', '/x', `/${'y'.repeat(90)}`, '/pi_0000000000000000000000000%00'])(
    'answers 404 for %s',
    async (path) => expect((await ask('GET', path)).status).toBe(404),
  );

  it('has its history', async () => {
    const id = idOf(await rig.create(merchant));
    await worker.open(id);
    await worker.report(id);
    const { body } = await ask('GET', `/${id}/timeline`);
    expect(body).toMatchObject({
      payment_intent: id,
      data: [
        { sequence: 1, from: null, to: 'queued', cause: 'request', attempt: null },
        { sequence: 2, from: 'queued', to: 'submitting', cause: 'request', attempt: 1 },
        { sequence: 3, from: 'submitting', to: 'succeeded', cause: 'reply', gateway_code: '25' },
      ],
      attempts: [{ number: 1, outcome: 'reported', http_status: 200, duration_ms: 12 }],
      operator_actions: [],
    });
  });

  it('names the operator who resolved a doubt, and the reason', async () => {
    const id = idOf(await rig.create(merchant));
    await worker.open(id);
    await worker.abandon(id);
    const payments = new Payments(rig.pool);
    const before = (await payments.load(id))?.payment;
    if (!before) throw new Error('no such payment');
    const decision = decide(before, { cause: 'operator', to: 'failed' }, new Date());
    await new PrismaService(rig.pool).$transaction(async (tx) => {
      await writePaymentChange(tx, { before, decision, terminalName: 'main' });
      await writeAudit(tx, {
        at: new Date(),
        operator: 'ann',
        action: 'resolve',
        subject: { kind: 'payment', id },
        sequence: decision.next.version,
        why: 'not in the dashboard',
        before: {},
        after: {},
      });
    });
    const { body } = await ask('GET', `/${id}/timeline`);
    expect(body['operator_actions']).toMatchObject([
      { sequence: 4, action: 'resolve', by: 'ann', evidence: 'not in the dashboard' },
    ]);
  });
});

describe('cancelling', () => {
  it('a queued payment ends it, once', async () => {
    const id = idOf(await rig.create(merchant));
    expect(await ask('POST', `/${id}/cancel`)).toMatchObject({
      status: 200,
      body: { id, status: 'cancelled', version: 2 },
    });
    expect(await ask('POST', `/${id}/cancel`)).toMatchObject({
      status: 409,
      body: { code: 'state_conflict' },
    });
    const sealed = 'SELECT count(sealed_card) FROM payment_intents WHERE id = $1';
    expect(await rig.count(sealed, [id])).toBe(0);
  });

  it('and a submission at the same moment: exactly one of the two happens', async () => {
    for (let round = 0; round < 20; round += 1) {
      const id = idOf(await rig.create(merchant, { reference: `RACE-${round}` }));
      const [cancelled, opened] = await Promise.all([
        ask('POST', `/${id}/cancel`),
        worker.open(id),
      ]);
      const wasSent = opened.status === 'submitting';
      expect(cancelled.status).toBe(wasSent ? 409 : 200);
      const moves = 'SELECT count(*) FROM payment_events WHERE payment_id = $1';
      expect(await rig.count(moves, [id])).toBe(2);
    }
  });
});

describe('the list', () => {
  const page = async (query: string) => {
    const { body } = await ask('GET', query);
    return { body, references: (body['data'] as RequestBody[]).map((entry) => entry['reference']) };
  };

  it('is newest first, page by page, without gaps or repeats', async () => {
    const references = Array.from({ length: 7 }, (_, index) => `L-${index}`);
    for (const reference of references) await rig.create(merchant, { reference });
    const seen: unknown[] = [];
    let after = '';
    for (let pages = 1; ; pages += 1) {
      const { body, references: found } = await page(`?limit=3${after}`);
      seen.push(...found);
      if (body['has_more'] === false) {
        expect(body['next']).toBeNull();
        expect(pages).toBe(3);
        break;
      }
      after = `&after=${String(body['next'])}`;
    }
    expect(seen).toEqual(references.toReversed());
  });

  it('can be filtered', async () => {
    const first = await rig.create(merchant, { reference: 'A' });
    const second = await rig.create(merchant, { reference: 'B' });
    await ask('POST', `/${idOf(first)}/cancel`);
    expect((await page('?reference=A')).references).toEqual(['A']);
    expect((await page('?status=cancelled')).references).toEqual(['A']);
    expect((await page('?status=queued')).references).toEqual(['B']);
    expect((await page('?terminal=main')).references).toEqual(['B', 'A']);
    expect((await page('?terminal=other')).references).toEqual([]);
    const createdAt = encodeURIComponent(String(first.body['created_at']));
    expect((await page(`?created_after=${createdAt}`)).references).toEqual(['B']);
    expect((await page('?created_after=2000-01-01T00:00:00%2B02:00')).references).toHaveLength(2);
    expect((await page(`?created_before=${createdAt}`)).references).toEqual([]);
    const later = new Date(Date.parse(String(first.body['created_at'])) + 1).toISOString();
    expect((await page(`?created_before=${later}`)).references).toEqual(
      String(second.body['created_at']) < later ? ['B', 'A'] : ['A'],
    );
    expect((await page('?created_before=2000-01-01T00:00:00%2B02:00')).references).toEqual([]);
  });

  // Postgres accepts no offset beyond 15:59:59 and no year 0.
  it.each([
    ['2000-01-01T00:00:00%2B23:59', 2],
    ['2000-01-01T00:00:00-16:21', 2],
    ['0000-01-01T00:00:00Z', 2],
    ['0001-01-01T00:00:00%2B23:59', 2],
    ['9999-12-31T23:59:59.999999999-23:59', 0],
  ])('accepts every time that matches the schema: %s', async (instant, count) => {
    for (const reference of ['A', 'B']) await rig.create(merchant, { reference });
    expect((await page(`?created_after=${instant}`)).references).toHaveLength(count);
    expect((await page(`?created_before=${instant}`)).references).toHaveLength(2 - count);
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=x', 'limit'],
    ['status=done', 'status'],
    ['terminal=a%00b', 'terminal'],
    ['after=x', 'after'],
    ['created_after=yesterday', 'created_after'],
    ['created_before=tomorrow', 'created_before'],
    ['colour=red', '…'],
  ])('rejects ?%s', async (query, path) => {
    const { status, body } = await ask('GET', `?${query}`);
    expect(status).toBe(422);
    expect(body['errors']).toMatchObject([{ path }]);
  });
});
