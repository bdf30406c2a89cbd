// Goal: no callback is lost in an outage, because the gateway sends each one once. Method: the test
// cuts the connections to Postgres and Redis while the gateway calls.
import type { Payment } from '@quittance/payments';
import { Redis } from 'ioredis';
import { eventually } from '../../../../test/support/eventually.js';
import { insertTestTerminal } from '../../../../test/support/payments.js';
import { envelope, fields, KEYS } from '../../test/callback-bodies.js';
import { WebhookRig } from '../../test/webhook-rig.js';

let rig: WebhookRig;
beforeAll(async () => {
  rig = await WebhookRig.start();
});
beforeEach(() => rig.reset());
afterAll(() => rig.stop());

const bufferKey = () => `${rig.redis.prefix}-callbacks-kept`;
async function onRedis<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(rig.redis.url);
  try {
    return await work(redis);
  } finally {
    await redis.quit();
  }
}

it('buffers a callback encrypted while Postgres is unavailable, and makes an inquiry due afterwards', async () => {
  const payment = await rig.accept();
  await rig.toPostgres.cut();
  const body = envelope(JSON.stringify(fields(payment, '25')));
  expect(await rig.post(rig.addressOf(payment), body)).toMatchObject({ status: 200 });
  const buffered = await rig.redisContent();
  expect(buffered).toContain(payment.id);
  for (const secret of [KEYS.privateKey, KEYS.publicKey, payment.reference, 'order_status']) {
    expect(buffered).not.toContain(secret);
  }
  expect(await rig.isInquiryDue(payment)).toBe(false);
  await rig.toPostgres.mend();
  await eventually(async () => expect(await rig.isInquiryDue(payment)).toBe(true));
  await eventually(async () => expect(await onRedis((redis) => redis.llen(bufferKey()))).toBe(0));
  expect(rig.logged.join('')).not.toContain(KEYS.privateKey);
});

it('responds 503 while a callback can neither be stored nor buffered, and accepts it afterwards', async () => {
  const payment = await rig.accept();
  await Promise.all([rig.toPostgres.cut(), rig.toRedis.cut()]);
  const body = envelope(JSON.stringify(fields(payment, '25')));
  const refused = await rig.post(rig.addressOf(payment), body);
  expect(refused).toMatchObject({ status: 503, retryAfter: '5' });
  expect(refused.body).not.toContain(payment.id);
  await Promise.all([rig.toPostgres.mend(), rig.toRedis.mend()]);
  await eventually(async () => {
    expect(await rig.post(rig.addressOf(payment), body)).toMatchObject({ status: 200 });
    expect(await rig.isInquiryDue(payment)).toBe(true);
  });
});

it.each([
  ['Postgres', ['postgres'], 200, 'degraded'],
  ['Redis', ['redis'], 200, 'degraded'],
  ['both', ['postgres', 'redis'], 503, 'unready'],
] as const)(
  'reports at /readyz that it can accept callbacks or not, without %s',
  async (...row) => {
    const [, away, status, word] = row;
    const links = { postgres: rig.toPostgres, redis: rig.toRedis };
    await Promise.all(away.map((name) => links[name].cut()));
    const checks = Object.fromEntries(away.map((name) => [name, { status: 'down' }]));
    await eventually(async () =>
      expect(await rig.readiness()).toMatchObject({ status, body: { status: word, checks } }),
    );
    await Promise.all(away.map((name) => links[name].mend()));
    await eventually(async () =>
      expect(await rig.readiness()).toMatchObject({ status: 200, body: { status: 'ready' } }),
    );
  },
);

it('gives valid and invalid tokens the same response during an outage and after it', async () => {
  const payment = await rig.accept();
  const [valid, other] = [rig.addressOf(payment), rig.addressOf(await rig.accept())];
  const [, tokenOfOther] = other.split('.');
  const invalid = [
    `${payment.id}.${'A'.repeat(43)}`,
    `${payment.id}.${tokenOfOther}`,
    payment.id,
    'nonsense',
  ];
  const callback = envelope(JSON.stringify(fields(payment, '25')));
  /** Masks the request id, which is different in each response. */
  const responseAt = async (address: string) => {
    const response = await rig.post(address, callback);
    return { ...response, body: response.body.replace(/"req_[0-9a-z]{26}"/, '"req"') };
  };
  await Promise.all([rig.toPostgres.cut(), rig.toRedis.cut()]);
  const refused = await responseAt(valid);
  expect(refused).toMatchObject({ status: 503, retryAfter: '5' });
  for (const address of invalid) {
    // Each valid one restarts the five seconds, so that a slow machine does not matter.
    expect(await responseAt(valid)).toEqual(refused);
    expect(await responseAt(address)).toEqual(refused);
  }

  await rig.toRedis.mend();
  const accepted = { status: 200, body: '{"received":true}', retryAfter: null };
  await eventually(async () => expect(await responseAt(valid)).toEqual(accepted));
  for (const address of invalid) expect(await responseAt(address)).toEqual(accepted);
  await rig.toPostgres.mend();
  await eventually(async () => expect(await rig.isInquiryDue(payment)).toBe(true));
});

it('sets aside what cannot be decrypted, removes foreign entries, and stores the callback behind them', async () => {
  const payment = await rig.accept();
  await rig.toPostgres.cut();
  const lost = JSON.stringify({ paymentId: payment.id, sealed: 'bG9zdA..bG9zdA.bG9zdA.bG9zdA' });
  const number = '4012000033330026';
  const foreign = [
    number,
    JSON.stringify({ paymentId: payment.id, sealed: number }),
    JSON.stringify({ ...(JSON.parse(lost) as object), card: number }),
  ];
  await onRedis((redis) => redis.rpush(bufferKey(), ...foreign, lost));
  // The app may still be reconnecting to the Redis that the previous test cut off; it then responds
  // 503, as intended.
  await eventually(async () => {
    const body = envelope(JSON.stringify(fields(payment, '25')));
    expect(await rig.post(rig.addressOf(payment), body)).toMatchObject({ status: 200 });
  });
  await rig.toPostgres.mend();
  await eventually(async () => expect(await rig.isInquiryDue(payment)).toBe(true));
  await onRedis(async (redis) => {
    // An entry of another program is removed, because it may contain anything.
    expect(await redis.lrange(`${bufferKey()}-set-aside`, 0, -1)).toEqual([lost]);
    // A callback leaves the buffer after it was stored.
    await eventually(async () => expect(await redis.llen(bufferKey())).toBe(0));
    await redis.del(`${bufferKey()}-set-aside`);
  });
});

describe('a buffered callback that can never be stored', () => {
  const asideKey = () => `${bufferKey()}-set-aside`;
  const post = (payment: Payment) =>
    rig.post(rig.addressOf(payment), envelope(JSON.stringify(fields(payment, '25'))));

  /** Stores a payment of a terminal whose private key this process cannot decrypt. */
  async function unopenable(id: string): Promise<Payment> {
    await insertTestTerminal(rig.pool, { id, name: 'lost', sealedPrivateKey: 'lost' });
    return rig.accept({ terminalId: id });
  }

  it('is set aside and counted without holding up others, and is retried at the next start', async () => {
    const [lost, other] = [await unopenable('ter_lost'), await rig.accept()];
    await rig.toPostgres.cut();
    // The app may still be reconnecting to Redis; it then responds 503, as intended.
    await eventually(async () => expect(await post(lost)).toMatchObject({ status: 200 }));
    expect(await post(other)).toMatchObject({ status: 200 });
    await rig.toPostgres.mend();
    await eventually(async () => expect(await rig.isInquiryDue(other)).toBe(true));
    expect(await rig.isInquiryDue(lost)).toBe(false);
    expect(await onRedis((redis) => redis.llen(asideKey()))).toBe(1);
    // It is counted once the pass over the buffer has ended.
    await eventually(async () => {
      const metrics = await rig.metrics();
      expect(metrics).toMatch(/^quittance_callbacks_kept\{state="set_aside"\} 1$/m);
      expect(metrics).toMatch(/^quittance_callbacks_total\{verdict="set_aside"\} [1-9]/m);
    });
    expect(rig.logged.join('')).toContain('cannot be stored; it was set aside');

    const { sealedPrivateKey } = await rig.sealedKey('ter_lost');
    const correctTerminal = `UPDATE terminals SET sealed_private_key = $1, public_key = $2 WHERE id = 'ter_lost'`;
    await rig.pool.query(correctTerminal, [sealedPrivateKey, KEYS.publicKey]);
    await rig.restartApp();
    await eventually(async () => expect(await rig.isInquiryDue(lost)).toBe(true));
    expect(await onRedis((redis) => redis.llen(asideKey()))).toBe(0);
  });

  it('is set aside too when Postgres was available all the time', async () => {
    const lost = await unopenable('ter_other');
    expect(await post(lost)).toMatchObject({ status: 200 });
    await eventually(async () => expect(await onRedis((redis) => redis.llen(asideKey()))).toBe(1));
    // It leaves the buffer after it was set aside, so a process that dies in between loses nothing.
    await eventually(async () => expect(await onRedis((redis) => redis.llen(bufferKey()))).toBe(0));
    await onRedis((redis) => redis.del(asideKey()));
  });
});
