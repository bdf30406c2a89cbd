// Goal: a published payment is the same payment as by HTTP, and no publisher can do more than its
// signature allows. Method: the running api, and a publisher with BullMQ's own classes.
import { aCard, aRequest, type RequestBody } from '../../test/a-request.js';
import { ApiRig, type TestMerchant } from '../../test/api-rig.js';
import { addSigner, Publisher, type SignerOptions } from '../../test/publisher.js';
import { base64url, signedIntent, type Signer } from '../../../../test/support/signed-intent.js';
import { documentedPublish } from '../../../../test/support/documented-snippet.js';
import { eventually } from '../../../../test/support/eventually.js';
import { FlowProducer, type JobsOptions, Queue } from 'bullmq';
import { generateKeyPairSync } from 'node:crypto';

const NUMBER = '4012000033330026';
/** In capitals, which no id or time contains. */
const CVV = 'CVV917';

let rig: ApiRig;
let publisher: Publisher;
let merchant: TestMerchant;
let signer: Signer;

beforeAll(async () => {
  rig = await ApiRig.start();
  publisher = await Publisher.start(rig);
});
afterAll(async () => {
  await publisher.stop();
  await rig.stop();
});
beforeEach(async () => {
  merchant = await rig.addMerchant();
  signer = await addSigner(rig, merchant.id);
});

const paymentCount = () =>
  rig.count('SELECT count(*) FROM payment_intents WHERE merchant_id = $1', [merchant.id]);

const byHttp = (body: RequestBody) =>
  rig.ask('POST', '/v1/payment-intents', { key: merchant.key, body });

/** The faults of a problem, without the messages. */
const faultsIn = (problem: RequestBody) =>
  (problem['errors'] as { path: string; code: string }[]).map(
    ({ path, code }) => `${path} ${code}`,
  );

async function intakeCount(outcome: string): Promise<number> {
  const metric = rig.metrics.registry.getSingleMetric('quittance_intake_total');
  const values = (await metric?.get())?.values ?? [];
  const found = values.find(
    ({ labels }) => labels['outcome'] === outcome && labels['door'] === 'job',
  );
  return found?.value ?? 0;
}

describe('a published payment', () => {
  it('is stored, and its job returns it', async () => {
    const before = await intakeCount('accepted');
    const job = await publisher.publish(
      await publisher.payload({ metadata: { cart: 'c-1' } }),
      signer,
    );
    const { payment_intent: payment, idempotent_replayed: isReplayed } =
      await publisher.resultOf(job);
    expect(isReplayed).toBe(false);
    expect(payment).toMatchObject({ reference: 'ORD-1001', amount: '11.11', card: null });
    const path = `/v1/payment-intents/${String(payment['id'])}`;
    expect((await rig.ask('GET', path, { key: merchant.key })).body).toEqual(payment);
    expect(await intakeCount('accepted')).toBe(before + 1);
  });

  it('is published by the code from the documentation', async () => {
    const publishPayment = await documentedPublish();
    const { card, ...payment } = aRequest();
    const by = { card: card as object, api: rig.url, ...signer };
    const job = await publishPayment(publisher.queue, payment, by);
    expect((await publisher.resultOf(job)).payment_intent).toMatchObject({ status: 'queued' });
  });

  it('has the events of any payment, for callers and for subscribers', async () => {
    const { payment_intent: payment } = await publisher.resultOf(
      await publisher.publish(await publisher.payload(), signer),
    );
    const { body } = await rig.ask('GET', '/v1/events', { key: merchant.key });
    const [event] = body['data'] as RequestBody[];
    expect(event).toMatchObject({ type: 'payment.queued.v1', data: { sequence: 1 } });
    const orders = new Queue('events-orders', {
      connection: publisher.redis,
      prefix: rig.redis.prefix,
    });
    await eventually(async () => {
      const batches = JSON.stringify(
        (await orders.getWaiting()).map(({ data }) => data as unknown),
      );
      expect(batches).toContain(String(payment['id']));
    });
    await orders.close();
  });

  it('is one, however often it is published, by HTTP and in a batch as well', async () => {
    const payload = await publisher.payload();
    const jobs = await Promise.all(
      Array.from({ length: 20 }, async () => publisher.publish(await publisher.payload(), signer)),
    );
    const batch = rig.ask('POST', '/v1/payment-intents/batch', {
      key: merchant.key,
      body: `${JSON.stringify(payload)}\n`,
      headers: { 'content-type': 'application/x-ndjson' },
    });
    const answers = await Promise.all(Array.from({ length: 20 }, () => byHttp(payload)));
    const inBatch = await batch;
    const { id: batchedId } = inBatch.body['payment_intent'] as RequestBody;
    const results = await Promise.all(jobs.map((job) => publisher.resultOf(job)));
    expect(answers.every(({ status }) => status === 200 || status === 202)).toBe(true);
    const ids = [
      ...results.map(({ payment_intent: { id } }) => id),
      ...answers.map(({ body: { id } }) => id),
      batchedId,
    ];
    expect(new Set(ids).size).toBe(1);
    const stored = [
      ...results.map(({ idempotent_replayed: isReplayed }) => isReplayed),
      ...answers.map(({ status }) => status === 200),
      inBatch.body['status'] === 200,
    ].filter((isReplayed) => !isReplayed);
    expect(stored).toHaveLength(1);
    expect(await paymentCount()).toBe(1);
  });

  it('is one under one id of the job, of which BullMQ drops the second', async () => {
    const options = { jobId: `${merchant.id}-1` };
    const jobs = [
      await publisher.publish(await publisher.payload(), signer, options),
      await publisher.publish(await publisher.payload(), signer, options),
    ];
    const results = await Promise.all(jobs.map((job) => publisher.resultOf(job)));
    expect(results[1]).toEqual(results[0]);
    expect(await paymentCount()).toBe(1);
  });

  it('with other content is the conflict that it is by HTTP', async () => {
    const { body: first } = await byHttp(await publisher.payload());
    const changed = await publisher.payload({ amount: '12.00', currency: 'USD' });
    const expected = await byHttp(changed);
    const problem = await publisher.problemOf(await publisher.publish(changed, signer));
    const { request_id: one, ...rest } = problem;
    const { request_id: other, ...answer } = expected.body;
    expect(rest).toEqual(answer);
    expect([one, other]).toEqual([expect.stringMatching(/^req_/), expect.stringMatching(/^req_/)]);
    expect([problem['status'], first['amount']]).toEqual([409, '11.11']);
    expect(await paymentCount()).toBe(1);
  });

  it.each<[string, RequestBody]>([
    ['one fault', { amount: '0' }],
    [
      'many faults',
      { amount: '1.005', currency: 'XXX', terminal: 'none', reference: '1', extra: 1 },
    ],
    ['a card number elsewhere', { product_name: `Card ${NUMBER}`, metadata: { note: 'cvv 123' } }],
    ['a JWE for another reference', { card_jwe: 'x' }],
    ['no card', { card_jwe: undefined }],
    ['nothing', Object.fromEntries(Object.keys(aRequest()).map((name) => [name, undefined]))],
  ])('with %s has the faults that it has by HTTP', async (_, changes) => {
    const payload = aRequest({ card: undefined, card_jwe: 'y', ...changes });
    const { request_id: _id, ...answer } = (await byHttp(payload)).body;
    const { request_id: _other, ...problem } = await publisher.problemOf(
      await publisher.publish(JSON.parse(JSON.stringify(payload)), signer),
    );
    expect(problem).toEqual(answer);
    expect(await paymentCount()).toBe(0);
  });
});

describe('a publisher', () => {
  it.each<[string, SignerOptions, number, string]>([
    ['whose key was revoked', { isRevoked: true }, 401, 'unauthenticated'],
    ['whose key has no public key', { hasPublicKey: false }, 401, 'unauthenticated'],
    ['whose key may only read', { scopes: ['payments:read'] }, 403, 'forbidden'],
  ])('%s is refused', async (_, options, status, code) => {
    const other = await addSigner(rig, merchant.id, options);
    const job = await publisher.publish(await publisher.payload(), other);
    expect(await publisher.problemOf(job)).toMatchObject({ status, code });
    expect(await paymentCount()).toBe(0);
  });

  it('that has only another merchant’s key id is refused', async () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const forged = { keyId: signer.keyId, privateKey };
    const job = await publisher.publish(await publisher.payload(), forged);
    expect(await publisher.problemOf(job)).toMatchObject({
      status: 401,
      code: 'signature_invalid',
    });
    expect(await paymentCount()).toBe(0);
  });

  it('over its limit waits, uses up no attempt, and loses nothing', async () => {
    const slow = await addSigner(rig, merchant.id, { requestsPerSecond: 2 });
    const payloads = await Promise.all(
      Array.from({ length: 6 }, (_, at) => publisher.payload({ reference: `ORD-${at}` })),
    );
    const jobs = await Promise.all(
      payloads.map((payload) => publisher.publish(payload, slow, { attempts: 1 })),
    );
    await Promise.all(jobs.map((job) => publisher.resultOf(job)));
    expect(await paymentCount()).toBe(6);
    const ran = await Promise.all(jobs.map(({ id = '' }) => publisher.queue.getJob(id)));
    expect(ran.filter((job) => (job?.attemptsStarted ?? 0) > 1).length).toBeGreaterThanOrEqual(2);
    expect(ran.map((job) => job?.attemptsMade)).toEqual(Array(6).fill(1));
  });
});

describe('a job', () => {
  const form = async () => ({ jws: signedIntent(await publisher.payload(), signer) });

  it.each<[string, (queue: Queue) => Promise<unknown>, readonly string[]]>([
    [
      'another name',
      async (queue) => queue.add('payment.create.v2', await form()),
      ['job.name not_allowed'],
    ],
    [
      'more data',
      async (queue) => queue.add('payment.create.v1', { ...(await form()), x: 1 }),
      ['job.data unknown_field'],
    ],
    [
      'a list as data',
      async (queue) => queue.add('payment.create.v1', [await form()]),
      ['job.data unknown_field'],
    ],
    [
      'a text as data',
      async (queue) => queue.add('payment.create.v1', (await form()).jws),
      ['job.data unknown_field'],
    ],
    [
      'every fault at once',
      async (queue) =>
        queue.upsertJobScheduler(
          'daily',
          { every: 3_600_000 },
          { name: 'pay', data: { ...(await form()), x: 1 } },
        ),
      ['job.name not_allowed', 'job.data unknown_field', 'job.repeat not_allowed'],
    ],
  ])('with %s is refused with every fault, and its data erased', async (_, add, faults) => {
    const { queue } = publisher;
    await queue.obliterate({ force: true });
    await add(queue);
    await eventually(async () => expect(await queue.getFailedCount()).toBe(1));
    const [job] = await queue.getFailed();
    const problem = JSON.parse(job?.failedReason ?? '') as RequestBody;
    expect(problem).toMatchObject({ status: 422, code: 'validation_failed' });
    expect(faultsIn(problem)).toEqual(faults);
    expect([job?.data, job?.stacktrace, job?.opts.attempts]).toEqual([{}, [], 0]);
    expect(await queue.getJobCounts('waiting', 'delayed', 'active')).toEqual({
      waiting: 0,
      delayed: 0,
      active: 0,
    });
    expect(await paymentCount()).toBe(0);
  });

  it.each<[string, unknown, number, string]>([
    ['no data', {}, 401, 'signature_required'],
    ['null as JWS', { jws: null }, 401, 'signature_required'],
    ['a number as JWS', { jws: 1 }, 401, 'signature_invalid'],
    ['no JWS', { jws: 'x' }, 401, 'signature_invalid'],
    ['the body in its place', { jws: aRequest() }, 401, 'signature_invalid'],
    ['too much', { jws: 'x'.repeat(1_000_000) }, 413, 'payload_too_large'],
  ])('with %s is refused', async (_, data, status, code) => {
    const job = await publisher.queue.add('payment.create.v1', data);
    expect(await publisher.problemOf(job)).toMatchObject({ status, code });
    expect((await publisher.queue.getJob(job.id ?? ''))?.data).toEqual({});
  });

  it.each<[string, JobsOptions]>([
    ['huge attempts and pauses', { attempts: 1e9, backoff: { type: 'fixed', delay: 1e9 } }],
    ['an unknown backoff', { attempts: 3, backoff: { type: 'mine' } }],
    ['removal at once', { removeOnComplete: true, removeOnFail: true }],
    ['retention for ever', { removeOnComplete: false, removeOnFail: false }],
    ['long stacks and logs', { stackTraceLimit: 1e6, keepLogs: 1e6 }],
    ['a priority', { priority: 2_000_000 }],
    ['the place in front', { lifo: true }],
    ['a short delay', { delay: 200 }],
    ['deduplication', { deduplication: { id: 'ORD-1001', ttl: 1_000 } }],
  ])('with %s is stored or refused as any other', async (_, options) => {
    const good = await publisher.publish(await publisher.payload(), signer, options);
    await eventually(async () => expect(await paymentCount()).toBe(1));
    await eventually(async () => {
      const stored = await publisher.queue.getJob(good.id ?? '');
      expect(stored?.returnvalue).toMatchObject({ idempotent_replayed: false });
    });
    const bad = await publisher.publish({ amount: 1 }, signer, {
      ...options,
      deduplication: undefined!,
    });
    await eventually(async () => {
      const stored = await publisher.queue.getJob(bad.id ?? '');
      expect(JSON.parse(stored?.failedReason ?? '{}')).toMatchObject({ status: 422 });
      expect([stored?.attemptsMade, stored?.data, stored?.stacktrace]).toEqual([1, {}, []]);
    });
  });

  it('in a flow is refused, and touches no key of its parent', async () => {
    const { prefix } = rig.redis;
    const flows = new FlowProducer({ connection: publisher.redis, prefix });
    const data = await form();
    const { job, children = [] } = await flows.add({
      name: 'parent',
      queueName: 'submission-default',
      data: {},
      children: [
        {
          name: 'payment.create.v1',
          queueName: 'payment-intents',
          data,
          opts: { failParentOnFailure: true },
        },
      ],
    });
    const before = await publisher.redis.hgetall(`${prefix}:submission-default:${job.id}`);
    const problem = await publisher.problemOf(children[0]!.job);
    expect(faultsIn(problem)).toEqual(['job.parent not_allowed']);
    expect(await publisher.redis.hgetall(`${prefix}:submission-default:${job.id}`)).toEqual(before);
    expect(
      await publisher.redis.zscore(`${prefix}:submission-default:waiting-children`, job.id ?? ''),
    ).not.toBeNull();
    expect(await paymentCount()).toBe(0);
    await flows.close();
  });

  it('of a scheduler is refused, and the scheduler removed', async () => {
    await publisher.queue.upsertJobScheduler(
      'daily',
      { every: 3_600_000 },
      { name: 'payment.create.v1', data: await form() },
    );
    await eventually(async () => expect(await publisher.queue.getJobSchedulersCount()).toBe(0));
    expect(await paymentCount()).toBe(0);
  });

  it('that an operator retries is refused again, and contains nothing', async () => {
    const job = await publisher.publish({ amount: 1 }, signer);
    await publisher.problemOf(job);
    await (await publisher.queue.getJob(job.id ?? ''))?.retry();
    await eventually(async () => {
      const again = await publisher.queue.getJob(job.id ?? '');
      expect(JSON.parse(again?.failedReason ?? '{}')).toMatchObject({ code: 'signature_required' });
    });
  });
});

describe('a card in clear', () => {
  const card = aCard({ number: NUMBER, cvv: CVV });
  const clear = (changes: RequestBody = {}) => aRequest({ card, ...changes });
  const jwsOf = (payload: unknown) => signedIntent(payload, signer);

  it('is refused with every fault, and erased', async () => {
    const job = await publisher.publish(clear({ amount: '0', terminal: 'none' }), signer);
    const problem = await publisher.problemOf(job);
    const faults = faultsIn(problem);
    expect(faults).toEqual(
      expect.arrayContaining([
        'card not_allowed',
        'amount not_positive',
        'terminal unknown_terminal',
      ]),
    );
    expect(await paymentCount()).toBe(0);
  });

  it.each<[string, (queue: Queue) => Promise<unknown>]>([
    ['in the payload', (queue) => queue.add('payment.create.v1', { jws: jwsOf(clear()) })],
    [
      'in an unsigned payload',
      (queue) =>
        queue.add('payment.create.v1', { jws: `${base64url({})}.${base64url(clear())}.x` }),
    ],
    [
      'in the header',
      (queue) =>
        queue.add('payment.create.v1', { jws: signedIntent({}, signer, { kid: NUMBER, x: CVV }) }),
    ],
    [
      'in another member of the payload',
      (queue) =>
        queue.add('payment.create.v1', {
          jws: jwsOf(clear({ card: undefined, metadata: { note: `${NUMBER} ${CVV}` } })),
        }),
    ],
    [
      'beside the JWS',
      async (queue) =>
        queue.add('payment.create.v1', { jws: jwsOf(await publisher.payload()), card }),
    ],
    ['as the data', (queue) => queue.add('payment.create.v1', clear())],
    ['under another name', (queue) => queue.add('pay', clear())],
    ['as the name', (queue) => queue.add(NUMBER, { cvv: CVV })],
    [
      'in the id',
      (queue) => queue.add('payment.create.v1', { cvv: CVV }, { jobId: `card-${NUMBER}` }),
    ],
    [
      'in the deduplication',
      (queue) => queue.add('payment.create.v1', {}, { deduplication: { id: NUMBER, ttl: 9e6 } }),
    ],
    [
      'in the telemetry',
      (queue) =>
        queue.add('payment.create.v1', {}, { telemetry: { metadata: NUMBER, omitContext: true } }),
    ],
    [
      'in the logs and the progress',
      async (queue) => {
        const delay = 60_000;
        const job = await queue.add('payment.create.v1', { jws: jwsOf(clear()) }, { delay });
        await job.log(`card ${NUMBER}`);
        await job.updateProgress({ number: NUMBER });
        await job.promote();
      },
    ],
    [
      'in a scheduler',
      (queue) =>
        queue.upsertJobScheduler(
          'daily',
          { every: 3_600_000 },
          { name: 'payment.create.v1', data: clear() },
        ),
    ],
  ])('%s is nowhere in Redis afterwards, nor in the log', async (_, add) => {
    const { queue } = publisher;
    await queue.obliterate({ force: true });
    rig.logged.length = 0;
    await add(queue);
    await eventually(async () => expect(await queue.getFailedCount()).toBe(1));
    expect(await queue.getJobCounts('waiting', 'delayed', 'active')).toEqual({
      waiting: 0,
      delayed: 0,
      active: 0,
    });
    for (const text of [await publisher.everything(), rig.logged.join('\n')]) {
      for (const secret of [NUMBER, CVV, base64url(NUMBER).slice(1, -3)])
        expect(text).not.toContain(secret);
    }
    expect(await paymentCount()).toBe(0);
  });
});
