// Goal: authentication, scopes, and the isolation of merchants from each other. Method: the running
// api over real Postgres.
import { ApiRig, type TestMerchant } from '../../test/api-rig.js';
import { eventually } from '../../../../test/support/eventually.js';
import { newApiKey } from '@quittance/api-keys';
import { ApiKeys } from './api-keys.js';

let rig: ApiRig;
let merchant: TestMerchant;

beforeAll(async () => {
  rig = await ApiRig.start();
});
afterAll(() => rig.stop());
beforeEach(async () => {
  merchant = await rig.addMerchant();
});

const ROUTES = [
  ['POST', '/v1/payment-intents', 'payments:write'],
  ['GET', '/v1/payment-intents', 'payments:read'],
  ['GET', '/v1/payment-intents/pi_00000000000000000000000000', 'payments:read'],
  ['GET', '/v1/payment-intents/pi_00000000000000000000000000/timeline', 'payments:read'],
  ['POST', '/v1/payment-intents/pi_00000000000000000000000000/cancel', 'payments:write'],
  ['GET', '/v1/events', 'payments:read'],
] as const;

describe.each(ROUTES)('%s %s', (method, path, scope) => {
  it('requires a key', async () => {
    const answer = await rig.ask(method, path);
    expect(answer).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  it(`requires the scope ${scope}`, async () => {
    const others = ['payments:read', 'payments:write', 'refunds:write'].filter(
      (other) => other !== scope,
    );
    const answer = await rig.ask(method, path, { key: await rig.addKey(merchant.id, others) });
    expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    const allowed = await rig.ask(method, path, { key: await rig.addKey(merchant.id, [scope]) });
    expect([401, 403]).not.toContain(allowed.status);
  });
});

describe('a key', () => {
  const list = (key: string) => rig.ask('GET', '/v1/payment-intents', { key });

  it.each(['', 'qk_x', newApiKey()])('that does not exist (%p) is rejected', async (key) => {
    expect((await list(key)).status).toBe(401);
  });

  it('works as soon as it is created, even if it was tried before', async () => {
    const key = await rig.addKey(merchant.id);
    const { rows } = await rig.pool.query(
      'DELETE FROM api_keys WHERE merchant_id = $1 RETURNING *',
      [merchant.id],
    );
    expect((await list(key)).status).toBe(401);
    for (const row of rows as Record<string, unknown>[]) {
      await rig.pool.query(
        'INSERT INTO api_keys SELECT * FROM json_populate_record(NULL::api_keys, $1)',
        [
          JSON.stringify({
            ...row,
            secret_sha256: `\\x${(row['secret_sha256'] as Buffer).toString('hex')}`,
          }),
        ],
      );
    }
    expect((await list(key)).status).toBe(200);
  });

  it('that is revoked is rejected by every process that has not just seen it', async () => {
    await rig.pool.query('UPDATE api_keys SET revoked_at = now() WHERE merchant_id = $1', [
      merchant.id,
    ]);
    expect((await list(merchant.key)).status).toBe(401);
  });

  it('that has expired is rejected at once, even by a process that has just seen it', async () => {
    const key = await rig.addKey(merchant.id, ['payments:read'], new Date(Date.now() + 3_000));
    expect((await list(key)).status).toBe(200);
    await eventually(async () => expect((await list(key)).status).toBe(401));
  });

  it('has its time of last use stored apart from the requests', async () => {
    await list(merchant.key);
    const lastUsed = async () =>
      rig.count('SELECT count(last_used_at) FROM api_keys WHERE merchant_id = $1', [merchant.id]);
    expect(await lastUsed()).toBe(0);
    await rig.app.get(ApiKeys).recordUse();
    expect(await lastUsed()).toBe(1);
  });
});

describe("another merchant's payment", () => {
  it.each([
    ['GET', ''],
    ['GET', '/timeline'],
    ['POST', '/cancel'],
  ])('%s %s is not found, like one that does not exist', async (method, path) => {
    const other = await rig.addMerchant();
    const { body } = await rig.create(other);
    const { key } = merchant;
    const foreign = await rig.ask(method, `/v1/payment-intents/${String(body['id'])}${path}`, {
      key,
    });
    const absent = await rig.ask(
      method,
      `/v1/payment-intents/pi_00000000000000000000000000${path}`,
      { key },
    );
    expect(foreign.status).toBe(404);
    expect({ ...foreign.body, request_id: '' }).toEqual({ ...absent.body, request_id: '' });
  });

  it('is not in the lists', async () => {
    const other = await rig.addMerchant();
    await rig.create(other);
    const { key } = merchant;
    expect((await rig.ask('GET', '/v1/payment-intents', { key })).body['data']).toEqual([]);
    expect((await rig.ask('GET', '/v1/events', { key })).body['data']).toEqual([]);
  });
});
