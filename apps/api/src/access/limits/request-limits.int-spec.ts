// Goal: a key and an address get their limit and no more, with and without Redis, and other traffic
// from its address does not affect a valid key. Method: the running api with small limits.
import { eventually } from '../../../../../test/support/eventually.js';
import { ApiRig, type TestMerchant } from '../../../test/api-rig.js';
import { newApiKey } from '@quittance/api-keys';

const PER_ADDRESS = 10;
const PROXY = { TRUSTED_PROXIES: '127.0.0.1/32' };

let rig: ApiRig;
let merchant: TestMerchant;
let address = 0;

beforeAll(async () => {
  const env = { ADDRESS_REQUESTS_PER_MINUTE: String(PER_ADDRESS), ...PROXY };
  rig = await ApiRig.start({ env });
});
afterAll(() => rig.stop());
beforeEach(async () => {
  merchant = await rig.addMerchant();
  address += 1;
});

/** Sends from an address that no other test uses. */
const ask = (path: string, key?: string, from = `192.0.2.${address}`) =>
  rig.ask('GET', path, { key, headers: { 'x-forwarded-for': from } });
const list = (key?: string, from?: string) => ask('/v1/payment-intents', key, from);

async function statuses(count: number, send: () => ReturnType<typeof list>) {
  const answers = [];
  for (let n = 0; n < count; n += 1) answers.push((await send()).status);
  return answers;
}

/** Uses up the limit of the test's address for requests without a valid key. */
const exhaust = () => statuses(PER_ADDRESS, () => list(newApiKey()));

async function limited(by: string): Promise<number> {
  const metric = rig.metrics.registry.getSingleMetric('quittance_requests_limited_total');
  const values = (await metric?.get())?.values ?? [];
  return values.find(({ labels }) => labels['by'] === by)?.value ?? 0;
}

const setRate = (rate: number) =>
  rig.pool.query('UPDATE api_keys SET requests_per_second = $2 WHERE merchant_id = $1', [
    merchant.id,
    rate,
  ]);

describe('a key', () => {
  it('gets its remaining limit with every response', async () => {
    const { headers } = await list(merchant.key);
    expect(headers.get('ratelimit-policy')).toBe('"key";q=5000;w=1');
    expect(headers.get('ratelimit')).toBe('"key";r=4999;t=1');
  });

  it('over its own limit gets 429 with the time to wait, and then continues', async () => {
    await setRate(1);
    const before = await limited('key');
    let refused = await list(merchant.key);
    // A new second may begin between any two requests.
    await eventually(async () => {
      refused = await list(merchant.key);
      expect(refused.status).toBe(429);
    });
    expect(refused.body).toMatchObject({ code: 'too_many_requests', status: 429 });
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(refused.headers.get('ratelimit')).toBe('"key";r=0;t=1');
    expect(refused.headers.get('ratelimit-policy')).toBe('"key";q=1;w=1');
    expect(await limited('key')).toBeGreaterThan(before);
    await eventually(async () => expect((await list(merchant.key)).status).toBe(200));
  });

  it('does not use up the limit of another', async () => {
    await setRate(1);
    const other = await rig.addMerchant();
    await eventually(async () => expect((await list(merchant.key)).status).toBe(429));
    expect((await list(other.key)).status).toBe(200);
  });

  it('is limited on the ops pages too', async () => {
    await setRate(1);
    await eventually(async () =>
      expect((await ask('/ops/queues/api/queues', merchant.key)).status).toBe(429),
    );
  });
});

describe('an address', () => {
  it.each([
    ['without a key', undefined],
    ['with keys that do not exist', newApiKey()],
    ['with a malformed key', 'x'],
  ])('may send a few requests a minute %s, then gets 429', async (_, key) => {
    const answers = await statuses(PER_ADDRESS + 2, () => list(key));
    expect(answers).toEqual([...Array.from({ length: PER_ADDRESS }, () => 401), 429, 429]);
    const { headers, body } = await list(key);
    expect(body).toMatchObject({ code: 'too_many_requests' });
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(1);
    expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(60);
    expect(await limited('address')).toBeGreaterThan(0);
  });

  it.each(['/openapi.json', '/docs', '/nowhere', '/v1/nowhere', '/ops/queues'])(
    'is counted at %s',
    async (path) => {
      const answers = await statuses(PER_ADDRESS, () => ask(path));
      expect(answers).not.toContain(429);
      expect((await ask(path)).status).toBe(429);
    },
  );

  it.each(['/livez', '/readyz', '/metrics'])('is not counted at %s', async (path) => {
    await exhaust();
    expect((await ask(path)).status).toBe(200);
  });

  it('over its limit still admits a key that this process has accepted', async () => {
    await list(merchant.key);
    await exhaust();
    expect((await list(newApiKey())).status).toBe(429);
    expect(new Set(await statuses(20, () => list(merchant.key)))).toEqual(new Set([200]));
  });

  it('over its limit gets no lookup for a key that may be a guess', async () => {
    await exhaust();
    expect((await list(merchant.key)).status).toBe(429);
    expect((await list(merchant.key, '198.51.100.1')).status).toBe(200);
  });

  it('is counted with its whole IPv6 network', async () => {
    for (let n = 0; n < PER_ADDRESS; n += 1) {
      expect((await list(undefined, `2001:db8::${n}`)).status).toBe(401);
    }
    expect((await list(undefined, '2001:db8::ffff')).status).toBe(429);
    expect((await list(undefined, '2001:db8:0:1::1')).status).toBe(401);
  });
});

describe('while Redis is unavailable', () => {
  afterEach(() => rig.toRedis.mend());

  it('keys and addresses are limited all the same, with responses as fast', async () => {
    await setRate(1);
    await rig.toRedis.cut();
    const before = performance.now();
    const answers = await statuses(PER_ADDRESS + 5, () => list(newApiKey()));
    expect(answers.filter((status) => status === 401)).toHaveLength(PER_ADDRESS);
    expect(answers.at(-1)).toBe(429);
    expect(performance.now() - before).toBeLessThan(5_000);
    const key = await rig.addKey(merchant.id);
    expect((await list(key, '198.51.100.2')).status).toBe(200);
    await eventually(async () =>
      expect((await list(merchant.key, '198.51.100.2')).status).toBe(429),
    );
    const { text } = (await rig.ask('GET', '/metrics')).body;
    expect(String(text)).toMatch(/^quittance_request_limits_counted_alone_total [1-9]/m);
  });
});

describe('an address', () => {
  it.each<[string, (n: number) => string]>([
    ['with changing ports', (n) => `198.51.100.20:${20_000 + n}`],
    [
      'in changing spellings',
      (n) => (n % 2 === 0 ? '::ffff:c633:6415' : '0:0:0:0:0:FFFF:198.51.100.21'),
    ],
    ['that is not an address', (n) => `unknown-${n}`],
  ])('%s counts as one address', async (_, spelt) => {
    let n = 0;
    const answers = await statuses(PER_ADDRESS + 2, () => list(newApiKey(), spelt((n += 1))));
    expect(answers.slice(PER_ADDRESS)).toEqual([429, 429]);
  });
});

describe('without trusted proxies', () => {
  it('no header evades the count', async () => {
    const plain = await ApiRig.start({ env: { ADDRESS_REQUESTS_PER_MINUTE: '3' } });
    const from = (forged: string) =>
      plain.ask('GET', '/v1/events', { headers: { 'x-forwarded-for': forged } });
    for (const n of [1, 2, 3]) expect((await from(`192.0.2.${n}`)).status).toBe(401);
    expect((await from('192.0.2.4')).status).toBe(429);
    await plain.stop();
  });
});
