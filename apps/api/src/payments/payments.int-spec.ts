// Goal: reading, listing, waiting for and cancelling payments. Method: the running api over real Postgres and Redis;
// the worker's part is played by writing through the same store.
import { decide, type Evidence, type Payment } from '@quittance/payments';
import { Payments } from '@quittance/persistence';
import { ChangeSignal, RedisConnections } from '@quittance/queues';
import { createLogger, Secret } from '@quittance/platform';
import { ApiRig, type Answer, type TestMerchant } from '../../test/api-rig.js';
import { eventually } from '../../../../test/support/eventually.js';
import { AwaitPayment } from './await-payment.js';
import type { RequestBody } from '../../test/a-request.js';

let rig: ApiRig;
let merchant: TestMerchant;
let store: Payments;
let redis: RedisConnections;
let signal: ChangeSignal;

beforeAll(async () => {
  rig = await ApiRig.start();
  const log = createLogger({ name: 'test', level: 'silent' });
  redis = new RedisConnections({ url: new Secret(rig.redis.url), log });
  await redis.ping();
  signal = new ChangeSignal(redis, rig.redis.prefix, log);
  store = new Payments(
    rig.pool,
    (committed) => void signal.announce(committed.map(({ payment }) => payment.id)),
  );
});
afterAll(async () => {
  await redis.close();
  await rig.stop();
});
beforeEach(async () => {
  merchant = await rig.addMerchant();
});

const REPORT = {
  transId: '100135250426141606',
  orderStatus: '25',
  reference: null,
  amount: null,
  currency: null,
  response: 'ok',
  authUrl: null,
} as const;

const idOf = ({ body }: Answer) => String(body['id']);
const ask = (method: string, path: string, headers: Readonly<Record<string, string>> = {}) =>
  rig.ask(method, `/v1/payment-intents${path}`, { key: merchant.key, headers });

async function learn(id: string, evidence: Evidence): Promise<Payment> {
  const loaded = await store.load(id);
  if (!loaded) throw new Error('no such payment');
  const now = new Date();
  const change = await store.apply(loaded, ({ payment }) => {
    const decision = decide(payment, evidence, now);
    if (!decision.move) return undefined;
    const isOpening = decision.move.to === 'submitting';
    return {
      before: payment,
      decision,
      terminalName: 'main',
      ...(isOpening && { opensAttempt: { replyBefore: now } }),
      ...(evidence.cause === 'reply' && { closesAttempt: REPLY }),
    };
  });
  return change?.decision.next ?? loaded.payment;
}

const REPLY = {
  outcome: 'reported',
  httpStatus: 200,
  errorNumber: null,
  reason: null,
  durationMs: 12,
};
const open = (id: string) => learn(id, { cause: 'request', act: 'open', replyBefore: new Date() });
const report = (id: string) =>
  learn(id, { cause: 'reply', outcome: { kind: 'reported', report: REPORT }, random: 0 });

describe('reading a payment', () => {
  it('answers with it, whatever has become of it', async () => {
    const id = idOf(await rig.create(merchant));
    await open(id);
    await report(id);
    expect(await ask('GET', `/${id}`)).toMatchObject({
      status: 200,
      body: {
        id,
        status: 'succeeded',
        version: 3,
        gateway: { trans_id: '100135250426141606', order_status: '25' },
      },
    });
  });

  it.each(['/pi_1', '/x', `/${'y'.repeat(90)}`, '/pi_0000000000000000000000000%00'])(
    'answers 404 for %s',
    async (path) => expect((await ask('GET', path)).status).toBe(404),
  );

  it('tells how it came to be what it is', async () => {
    const id = idOf(await rig.create(merchant));
    await open(id);
    await report(id);
    const { body } = await ask('GET', `/${id}/timeline`);
    expect(body).toMatchObject({
      payment_intent: id,
      data: [
        { sequence: 1, from: null, to: 'queued', cause: 'request', attempt: null },
        { sequence: 2, from: 'queued', to: 'submitting', cause: 'request', attempt: 1 },
        { sequence: 3, from: 'submitting', to: 'succeeded', cause: 'reply', gateway_code: '25' },
      ],
      attempts: [{ number: 1, outcome: 'reported', http_status: 200, duration_ms: 12 }],
    });
  });
});

describe('waiting', () => {
  it('for a new payment ends as soon as the gateway has answered', async () => {
    const pending = rig.create(merchant, {}, { prefer: 'wait=30' });
    const id = await storedId();
    await open(id);
    await report(id);
    const answer = await pending;
    expect(answer).toMatchObject({ status: 200, body: { id, status: 'succeeded' } });
    expect(answer.headers.get('preference-applied')).toBe('wait');
  });

  it('ends also when the announcement is lost with Redis', async () => {
    const pending = rig.create(merchant, {}, { prefer: 'wait=30' });
    const id = await storedId();
    await rig.toRedis.cut();
    await open(id);
    await report(id);
    expect(await pending).toMatchObject({ status: 200, body: { status: 'succeeded' } });
    await rig.toRedis.mend();
  });

  it('that runs out answers 202 with the payment as it is', async () => {
    const answer = await rig.create(merchant, {}, { prefer: 'wait=1' });
    expect(answer).toMatchObject({ status: 202, body: { status: 'queued' } });
    expect(answer.headers.get('preference-applied')).toBeNull();
  });

  it.each(['wait=0', 'wait=99', 'wait=soon', 'respond-async'])(
    'is not done for %s',
    async (prefer) => expect((await rig.create(merchant, {}, { prefer })).status).toBe(202),
  );

  it('for a version newer than the one known ends with it', async () => {
    const id = idOf(await rig.create(merchant));
    const known = await ask('GET', `/${id}?version=0`, { prefer: 'wait=30' });
    expect(known.body['version']).toBe(1);
    const pending = ask('GET', `/${id}?version=1`, { prefer: 'wait=30' });
    await open(id);
    expect((await pending).body).toMatchObject({ version: 2, status: 'submitting' });
  });

  it('is over when the client hangs up', async () => {
    const hangUp = new AbortController();
    const { key } = merchant;
    const id = idOf(await rig.create(merchant));
    const path = `/v1/payment-intents/${id}?version=1`;
    const { signal: abandoned } = hangUp;
    const pending = rig.ask('GET', path, {
      key,
      headers: { prefer: 'wait=30' },
      signal: abandoned,
    });
    const waits = rig.app.get(AwaitPayment, { strict: false });
    await eventually(() => expect(waits.held).toBe(1));
    hangUp.abort();
    await expect(pending).rejects.toThrow('abort');
    await eventually(() => expect(waits.held).toBe(0));
  });

  async function storedId(): Promise<string> {
    for (;;) {
      const { rows } = await rig.pool.query<{ id: string }>(
        'SELECT id FROM payment_intents WHERE merchant_id = $1',
        [merchant.id],
      );
      if (rows[0]) return rows[0].id;
    }
  }
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

  it('and sending at the same moment: exactly one of the two happens', async () => {
    for (let round = 0; round < 20; round += 1) {
      const id = idOf(await rig.create(merchant, { reference: `RACE-${round}` }));
      const [cancelled, opened] = await Promise.all([ask('POST', `/${id}/cancel`), open(id)]);
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

  it('is newest first, page by page, without gap or repeat', async () => {
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

  it('can be narrowed', async () => {
    const first = await rig.create(merchant, { reference: 'A' });
    await rig.create(merchant, { reference: 'B' });
    await ask('POST', `/${idOf(first)}/cancel`);
    expect((await page('?reference=A')).references).toEqual(['A']);
    expect((await page('?status=cancelled')).references).toEqual(['A']);
    expect((await page('?status=queued')).references).toEqual(['B']);
    expect((await page('?terminal=main')).references).toEqual(['B', 'A']);
    expect((await page('?terminal=other')).references).toEqual([]);
    const createdAt = encodeURIComponent(String(first.body['created_at']));
    expect((await page(`?created_after=${createdAt}`)).references).toEqual(['B']);
    expect((await page('?created_after=2000-01-01T00:00:00%2B02:00')).references).toHaveLength(2);
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=x', 'limit'],
    ['status=done', 'status'],
    ['after=x', 'after'],
    ['created_after=yesterday', 'created_after'],
    ['colour=red', 'colour'],
  ])('refuses ?%s', async (query, path) => {
    const { status, body } = await ask('GET', `?${query}`);
    expect(status).toBe(422);
    expect(body['errors']).toMatchObject([{ path }]);
  });
});
