// Goal: a callback comes once, so it must survive us. Method: the wires to Postgres and Redis are
// cut while the gateway calls.
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

const keptKey = () => `${rig.redis.prefix}-callbacks-kept`;
async function onRedis<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(rig.redis.url);
  try {
    return await work(redis);
  } finally {
    await redis.quit();
  }
}

it('keeps a callback sealed while Postgres is away, and has the gateway asked afterwards', async () => {
  const payment = await rig.accept();
  await rig.toPostgres.cut();
  const body = envelope(JSON.stringify(fields(payment, '25')));
  expect(await rig.post(rig.addressOf(payment), body)).toMatchObject({ status: 200 });
  const kept = await rig.redisContent();
  expect(kept).toContain(payment.id);
  for (const secret of [KEYS.privateKey, KEYS.publicKey, payment.reference, 'order_status']) {
    expect(kept).not.toContain(secret);
  }
  expect(await rig.isAsked(payment)).toBe(false);
  await rig.toPostgres.mend();
  await eventually(async () => expect(await rig.isAsked(payment)).toBe(true));
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
    expect(await rig.isAsked(payment)).toBe(true);
  });
});

it.each([
  ['Postgres', ['postgres'], 200, 'degraded'],
  ['Redis', ['redis'], 200, 'degraded'],
  ['both', ['postgres', 'redis'], 503, 'unready'],
] as const)('says at /readyz whether it can take callbacks without %s', async (...row) => {
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
});

it('tells right and wrong tokens the same while nothing can be kept, and again once one was', async () => {
  const payment = await rig.accept();
  const [right, other] = [rig.addressOf(payment), rig.addressOf(await rig.accept())];
  const [, tokenOfOther] = other.split('.');
  const wrong = [
    `${payment.id}.${'A'.repeat(43)}`,
    `${payment.id}.${tokenOfOther}`,
    payment.id,
    'nonsense',
  ];
  const callback = envelope(JSON.stringify(fields(payment, '25')));
  /** Every request has an id of its own, whatever became of it. */
  const answerAt = async (address: string) => {
    const answer = await rig.post(address, callback);
    return { ...answer, body: answer.body.replace(/"req_[0-9a-z]{26}"/, '"req"') };
  };
  await Promise.all([rig.toPostgres.cut(), rig.toRedis.cut()]);
  const refused = await answerAt(right);
  expect(refused).toMatchObject({ status: 503, retryAfter: '5' });
  for (const address of wrong) {
    // Each right one begins the five seconds anew, so that a slow machine changes nothing.
    expect(await answerAt(right)).toEqual(refused);
    expect(await answerAt(address)).toEqual(refused);
  }

  await rig.toRedis.mend();
  const taken = { status: 200, body: '{"received":true}', retryAfter: null };
  await eventually(async () => expect(await answerAt(right)).toEqual(taken));
  for (const address of wrong) expect(await answerAt(address)).toEqual(taken);
  await rig.toPostgres.mend();
  await eventually(async () => expect(await rig.isAsked(payment)).toBe(true));
});

it('sets aside what cannot be opened and removes what is no callback, so that what was kept behind it is not lost', async () => {
  const payment = await rig.accept();
  await rig.toPostgres.cut();
  const lost = JSON.stringify({ paymentId: payment.id, sealed: 'bG9zdA..bG9zdA.bG9zdA.bG9zdA' });
  const number = '4012000033330026';
  const foreign = [
    number,
    JSON.stringify({ paymentId: payment.id, sealed: number }),
    JSON.stringify({ ...(JSON.parse(lost) as object), card: number }),
  ];
  await onRedis((redis) => redis.rpush(keptKey(), ...foreign, lost));
  // The app may still be on its way back to the Redis that the test before took away: 503 then, as
  // it should be.
  await eventually(async () => {
    const body = envelope(JSON.stringify(fields(payment, '25')));
    expect(await rig.post(rig.addressOf(payment), body)).toMatchObject({ status: 200 });
  });
  await rig.toPostgres.mend();
  await eventually(async () => expect(await rig.isAsked(payment)).toBe(true));
  await onRedis(async (redis) => {
    // An entry that is not a callback of ours is removed: it may hold anything.
    expect(await redis.lrange(`${keptKey()}-set-aside`, 0, -1)).toEqual([lost]);
    expect(await redis.llen(keptKey())).toBe(0);
    await redis.del(`${keptKey()}-set-aside`);
  });
});

describe('a kept callback that can never be applied', () => {
  const asideKey = () => `${keptKey()}-set-aside`;
  const post = (payment: Payment) =>
    rig.post(rig.addressOf(payment), envelope(JSON.stringify(fields(payment, '25'))));

  /** A payment on a terminal whose private key this process cannot open. */
  async function unopenable(id: string): Promise<Payment> {
    await insertTestTerminal(rig.pool, { id, name: 'lost', sealedPrivateKey: 'lost' });
    return rig.accept({ terminalId: id });
  }

  it('is set aside, counted, and holds up nobody; it is tried again at the next start', async () => {
    const [lost, other] = [await unopenable('ter_lost'), await rig.accept()];
    await rig.toPostgres.cut();
    // The app may still be on its way back to Redis: 503 then, as it should be.
    await eventually(async () => expect(await post(lost)).toMatchObject({ status: 200 }));
    expect(await post(other)).toMatchObject({ status: 200 });
    await rig.toPostgres.mend();
    await eventually(async () => expect(await rig.isAsked(other)).toBe(true));
    expect(await rig.isAsked(lost)).toBe(false);
    expect(await onRedis((redis) => redis.llen(asideKey()))).toBe(1);
    const metrics = await rig.metrics();
    expect(metrics).toMatch(/^quittance_callbacks_kept\{state="set_aside"\} 1$/m);
    expect(metrics).toMatch(/^quittance_callbacks_total\{verdict="set_aside"\} [1-9]/m);
    expect(rig.logged.join('')).toContain('cannot be applied; it was set aside');

    const { sealedPrivateKey } = await rig.sealedKey('ter_lost');
    const mended = `UPDATE terminals SET sealed_private_key = $1, public_key = $2 WHERE id = 'ter_lost'`;
    await rig.pool.query(mended, [sealedPrivateKey, KEYS.publicKey]);
    await rig.restartApp();
    await eventually(async () => expect(await rig.isAsked(lost)).toBe(true));
    expect(await onRedis((redis) => redis.llen(asideKey()))).toBe(0);
  });

  it('is set aside too when Postgres was there all the time', async () => {
    const lost = await unopenable('ter_other');
    expect(await post(lost)).toMatchObject({ status: 200 });
    await eventually(async () => expect(await onRedis((redis) => redis.llen(asideKey()))).toBe(1));
    // It is let go after it was set aside, so that a process that dies in between loses nothing.
    await eventually(async () => expect(await onRedis((redis) => redis.llen(keptKey()))).toBe(0));
    await onRedis((redis) => redis.del(asideKey()));
  });
});
