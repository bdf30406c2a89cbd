// Goal: the responses while Postgres or Redis is unavailable, and the recovery without
// intervention. Method: the running api over wires that the test cuts.
import { Redis } from 'ioredis';
import { eventually } from '../../../../test/support/eventually.js';
import { ApiRig, type TestMerchant } from '../../test/api-rig.js';

let rig: ApiRig;
let merchant: TestMerchant;

beforeAll(async () => {
  rig = await ApiRig.start();
});
afterAll(() => rig.stop());
beforeEach(async () => {
  merchant = await rig.addMerchant();
  // Caches the key, so that the following requests fail at the payment and not at the key.
  await rig.ask('GET', '/v1/payment-intents', { key: merchant.key });
});

describe('while Postgres is unavailable', () => {
  afterEach(async () => {
    await rig.toPostgres.mend();
    await eventually(async () => {
      const { status } = await rig.ask('GET', '/readyz');
      if (status !== 200) throw new Error('not ready yet');
    });
  });

  it('every request gets 503 with Retry-After, nothing is half done, and it resumes', async () => {
    await rig.toPostgres.cut();
    const answer = await rig.create(merchant);
    expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await rig.ask('GET', '/v1/events', { key: merchant.key })).status).toBe(503);
    const rows = 'SELECT count(*) FROM payment_intents WHERE merchant_id = $1';
    expect(await rig.count(rows, [merchant.id])).toBe(0);
    await rig.toPostgres.mend();
    await eventually(async () => expect((await rig.create(merchant)).status).toBe(202));
    await rig.toPostgres.cut();
  });

  it('a key that is not cached gets 503 as well, not 401', async () => {
    const key = await rig.addKey(merchant.id);
    await rig.toPostgres.cut();
    expect((await rig.ask('GET', '/v1/payment-intents', { key })).status).toBe(503);
    expect((await rig.ask('GET', '/ops/queues', { key })).status).toBe(503);
  });

  it('the process is alive, not ready, and names the unavailable dependency', async () => {
    await rig.toPostgres.cut();
    expect((await rig.ask('GET', '/livez')).status).toBe(200);
    expect(await rig.ask('GET', '/readyz')).toMatchObject({
      status: 503,
      body: {
        status: 'unready',
        checks: { postgres: { status: 'down' }, redis: { status: 'up' } },
      },
    });
  });

  it('metrics are still served, without those that come from Postgres', async () => {
    await rig.toPostgres.cut();
    const { status, body } = await rig.ask('GET', '/metrics');
    expect(status).toBe(200);
    expect(String(body['text'])).toContain('quittance_intake_total');
    expect(String(body['text'])).not.toMatch(/^quittance_payments_in_doubt /m);
  });

  it('the reasons contain no address', async () => {
    await rig.toPostgres.cut();
    const { body } = await rig.create(merchant);
    expect(JSON.stringify(body)).not.toMatch(/127\.0\.0\.1|ECONN|postgres/i);
  });
});

describe('while Redis is unavailable', () => {
  it('payments are accepted all the same, and reach the queues when it returns', async () => {
    await rig.toRedis.cut();
    const answer = await rig.create(merchant);
    expect(answer.status).toBe(202);
    expect(await rig.ask('GET', '/readyz')).toMatchObject({
      status: 200,
      body: { status: 'degraded', checks: { redis: { status: 'down' } } },
    });
    expect(await rig.count('SELECT count(*) FROM outbox')).toBeGreaterThan(0);
    await rig.toRedis.mend();
    await eventually(async () => expect(await rig.count('SELECT count(*) FROM outbox')).toBe(0));
    const redis = new Redis(rig.redis.url);
    expect(await redis.zcard(`${rig.redis.prefix}:submission-default:prioritized`)).toBeGreaterThan(
      0,
    );
    await redis.quit();
  });

  it('metrics are still served', async () => {
    await rig.toRedis.cut();
    const { status, body } = await rig.ask('GET', '/metrics');
    expect(status).toBe(200);
    expect(String(body['text'])).toContain('quittance_intake_total');
    await rig.toRedis.mend();
  });
});
