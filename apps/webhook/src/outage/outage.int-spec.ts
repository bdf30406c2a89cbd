// Goal: a callback comes once, so it must survive us. Method: the wires to Postgres and Redis are cut while the gateway calls.
import { Redis } from 'ioredis';
import { eventually } from '../../../../test/support/eventually.js';
import { envelope, fields, KEYS, WebhookRig } from '../../test/webhook-rig.js';

let rig: WebhookRig;
beforeAll(async () => {
  rig = await WebhookRig.start();
});
beforeEach(() => rig.reset());
afterAll(() => rig.stop());

const keptKey = () => `${rig.redis.prefix}-callbacks-kept`;
async function onRedis<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(rig.redis.url);
  try {
    return await work(redis);
  } finally {
    await redis.quit();
  }
}

it('keeps a callback sealed while Postgres is away, and applies it afterwards', async () => {
  const payment = await rig.accept();
  await rig.toPostgres.cut();
  const body = envelope(JSON.stringify(fields(payment, '25')));
  expect(await rig.post(rig.addressOf(payment), body)).toMatchObject({ status: 200 });
  const kept = await rig.redisContent();
  expect(kept).toContain(payment.id);
  for (const secret of [KEYS.privateKey, KEYS.publicKey, payment.reference, 'order_status']) {
    expect(kept).not.toContain(secret);
  }
  expect(await rig.load(payment)).toMatchObject({ status: 'requiresAction' });
  await rig.toPostgres.mend();
  await eventually(async () =>
    expect(await rig.load(payment)).toMatchObject({ status: 'succeeded' }),
  );
  await eventually(async () => expect(await onRedis((redis) => redis.llen(keptKey()))).toBe(0));
  expect(rig.logged.join('')).not.toContain(KEYS.privateKey);
});

it('asks to send again when nothing can be kept anywhere, and takes it then', async () => {
  const payment = await rig.accept();
  await Promise.all([rig.toPostgres.cut(), rig.toRedis.cut()]);
  const body = envelope(JSON.stringify(fields(payment, '25')));
  const refused = await rig.post(rig.addressOf(payment), body);
  expect(refused).toMatchObject({ status: 503, retryAfter: '5' });
  expect(refused.body).not.toContain(payment.id);
  await Promise.all([rig.toPostgres.mend(), rig.toRedis.mend()]);
  await eventually(async () => {
    expect(await rig.post(rig.addressOf(payment), body)).toMatchObject({ status: 200 });
    expect(await rig.load(payment)).toMatchObject({ status: 'succeeded' });
  });
});

it('sets aside what cannot be opened, so that what was kept behind it is not lost', async () => {
  const payment = await rig.accept();
  await rig.toPostgres.cut();
  const unreadable = [
    'no JSON',
    JSON.stringify({ paymentId: payment.id, sealed: 'of a lost key' }),
  ];
  await onRedis((redis) => redis.rpush(keptKey(), ...unreadable));
  // The app may still be on its way back to the Redis that the test before took away: 503 then, as it should be.
  await eventually(async () => {
    const body = envelope(JSON.stringify(fields(payment, '25')));
    expect(await rig.post(rig.addressOf(payment), body)).toMatchObject({ status: 200 });
  });
  await rig.toPostgres.mend();
  await eventually(async () =>
    expect(await rig.load(payment)).toMatchObject({ status: 'succeeded' }),
  );
  await onRedis(async (redis) => {
    expect(await redis.lrange(`${keptKey()}-unreadable`, 0, -1)).toEqual(unreadable);
    await redis.del(`${keptKey()}-unreadable`);
  });
});
