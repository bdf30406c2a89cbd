// Goal: operators sign in with their key, act under their name, and no one else gets in. Method:
// the running api; the test plays the browser.
import { newOperatorKey } from '@quittance/operations';
import { ApiRig, type Answer, type TestMerchant } from '../../../test/api-rig.js';

const SESSION = '/v1/ops/session';
let rig: ApiRig;
let merchant: TestMerchant;
beforeAll(async () => {
  rig = await ApiRig.start({ env: { ADDRESS_REQUESTS_PER_MINUTE: '1000' } });
  merchant = await rig.addMerchant();
});
afterAll(() => rig.stop());

const own = () => ({ origin: rig.url });
const signIn = (key: string, headers: Readonly<Record<string, string>> = own()) =>
  rig.ask('POST', SESSION, { body: { key }, headers });
const cookieOf = ({ headers }: Answer) => headers.get('set-cookie')?.split(';')[0] ?? '';
const withCookie = (method: string, cookie: string, path = SESSION) =>
  rig.ask(method, path, { headers: { cookie, ...own() } });

describe('a session', () => {
  it('opens with the key of an operator, whom the audit names, and ends by sign-out', async () => {
    const { key } = await rig.addOperator('ann', 'read');
    const answer = await signIn(key);
    const ann = { operator: 'ann', rights: 'read', is_registered: true };
    expect(answer).toMatchObject({ status: 200, body: ann });
    expect(answer.headers.get('set-cookie')).toMatch(
      /^quittance-ops=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/,
    );
    const cookie = cookieOf(answer);
    expect(await withCookie('GET', cookie)).toMatchObject({ status: 200, body: ann });
    const { rows } = await rig.pool.query(
      `SELECT operator, subject_kind, subject_id FROM operator_actions WHERE action = 'sign in'`,
    );
    expect(rows).toEqual([{ operator: 'ann', subject_kind: 'operator', subject_id: 'ann' }]);

    const out = await withCookie('DELETE', cookie);
    expect(out.status).toBe(204);
    expect(out.headers.get('set-cookie')).toMatch(/^quittance-ops=; Path=\/; Max-Age=0;/);
    expect((await withCookie('GET', cookie)).status).toBe(401);
  });

  it('opens with an ops key, with the rights of its scopes', async () => {
    const reads = await signIn(await rig.addOpsKey(['ops:read'], 'wall'));
    expect(reads.body).toMatchObject({ operator: 'wall', rights: 'read', is_registered: false });
    const acts = await signIn(await rig.addOpsKey(['ops:read', 'ops:write'], 'bot'));
    expect(acts.body).toMatchObject({ operator: 'bot', rights: 'act', is_registered: false });
  });

  it.each([
    ['an unknown key', async () => newOperatorKey(), 401],
    ['no key', async () => 'x', 401],
    ["a merchant's key", async () => merchant.key, 403],
    ['a revoked key', async () => (await rig.addOperator('eve', 'act', 'now()')).key, 401],
  ])('does not open with %s', async (_, keyOf, status) => {
    const answer = await signIn(await keyOf());
    expect(answer.status).toBe(status);
    expect(answer.headers.get('set-cookie')).toBeNull();
  });

  it('is over with its operator', async () => {
    const { key, id } = await rig.addOperator('carol', 'act');
    const cookie = cookieOf(await signIn(key));
    await rig.pool.query('UPDATE operators SET revoked_at = now() WHERE id = $1', [id]);
    expect((await withCookie('GET', cookie)).status).toBe(401);
  });

  it('is over with its ops key', async () => {
    const cookie = cookieOf(await signIn(await rig.addOpsKey(['ops:read'], 'gone')));
    await rig.pool.query(`UPDATE api_keys SET revoked_at = now() WHERE holder = 'gone'`);
    expect((await withCookie('GET', cookie)).status).toBe(401);
  });

  it.each([
    [
      'was idle for 15 minutes',
      `seen_at = created_at - interval '16 minutes', created_at = created_at - interval '1 hour'`,
    ],
    [
      'is older than a shift',
      `expires_at = now(), created_at = now() - interval '12 hours', seen_at = now() - interval '1 minute'`,
    ],
  ])('is over when it %s', async (_, changes) => {
    const cookie = cookieOf(await signIn(await rig.addOpsKey(['ops:read'], 'late')));
    await rig.pool.query(`UPDATE operator_sessions SET ${changes}`);
    expect((await withCookie('GET', cookie)).status).toBe(401);
  });

  it('is not prolonged by a page that works by itself', async () => {
    const cookie = cookieOf(await signIn(await rig.addOpsKey(['ops:read'], 'still')));
    await rig.pool.query(
      `UPDATE operator_sessions SET created_at = now() - interval '1 hour', seen_at = now() - interval '10 minutes'`,
    );
    const ageSeconds = () =>
      rig.count(`SELECT EXTRACT(EPOCH FROM now() - max(seen_at)) AS count FROM operator_sessions`);
    const headers = { cookie, 'quittance-background': '1' };
    expect((await rig.ask('GET', SESSION, { headers })).status).toBe(200);
    expect(await ageSeconds()).toBeGreaterThan(590);
    expect((await withCookie('GET', cookie)).status).toBe(200);
    expect(await ageSeconds()).toBeLessThan(60);
  });

  it('stores no cookie and no key', async () => {
    const { key } = await rig.addOperator('dave', 'act');
    const [, token = ''] = cookieOf(await signIn(key)).split('=');
    const { rows } = await rig.pool.query(
      `SELECT s::text AS row FROM operator_sessions s UNION ALL SELECT a::text FROM operator_actions a`,
    );
    const stored = JSON.stringify(rows);
    for (const secret of [token, key]) {
      expect(stored).not.toContain(secret);
      expect(rig.logged.join()).not.toContain(secret);
    }
  });
});

describe('another site', () => {
  it.each([{ origin: 'https://evil.example' }, { origin: 'null' }, {}])(
    'signs no one in: %j',
    async (headers) => {
      const key = await rig.addOpsKey(['ops:read']);
      expect((await signIn(key, headers)).status).toBe(403);
    },
  );

  it('signs no one out', async () => {
    const cookie = cookieOf(await signIn(await rig.addOpsKey(['ops:read'])));
    const headers = { cookie, origin: 'https://evil.example' };
    expect((await rig.ask('DELETE', SESSION, { headers })).status).toBe(403);
    expect((await withCookie('GET', cookie)).status).toBe(200);
  });
});

it('guessing keys is limited by address', async () => {
  const limited = await ApiRig.start({ env: { ADDRESS_REQUESTS_PER_MINUTE: '5' } });
  const statuses: number[] = [];
  for (let guess = 0; guess < 8; guess += 1) {
    const headers = { origin: limited.url };
    const body = { key: newOperatorKey() };
    statuses.push((await limited.ask('POST', SESSION, { body, headers })).status);
  }
  expect(statuses.slice(0, 4)).toEqual([401, 401, 401, 401]);
  expect(statuses.at(-1)).toBe(429);
  await limited.stop();
});

it('on https the cookie belongs to this host alone', async () => {
  const env = { PUBLIC_API_URL: 'https://pay.example' };
  const secure = await ApiRig.start({ env });
  const key = await secure.addOpsKey(['ops:read']);
  const headers = { origin: 'https://pay.example' };
  const answer = await secure.ask('POST', SESSION, { body: { key }, headers });
  expect(answer.headers.get('set-cookie')).toMatch(/^__Host-quittance-ops=.*; Secure$/);
  await secure.stop();
});
