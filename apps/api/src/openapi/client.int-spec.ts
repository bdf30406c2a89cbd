// Goal: a program with this client needs no knowledge of HTTP, and repeats nothing that charges.
// Method: the running api over real Postgres and Redis; a fetch that loses answers stands for the
// network.
import { generateKeyPairSync } from 'node:crypto';
import { jest } from '@jest/globals';
import {
  generateKeySets,
  type KeySets,
  openStoredCard,
  parseKeySet,
  publicJwks,
  returnToken,
} from '@quittance/vault';
import { aRequest } from '../../test/a-request.js';
import { ApiRig, type TestMerchant } from '../../test/api-rig.js';
import { addSigner, Publisher } from '../../test/publisher.js';
import { TestWorker } from '../../test/test-worker.js';
import {
  type CreatePaymentIntent,
  isQuittanceError,
  isRefundEvent,
  Quittance,
  type QuittanceError,
  type QuittanceOptions,
} from '@quittance/client';

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

const client = (options: Partial<QuittanceOptions> = {}) =>
  new Quittance({ baseUrl: rig.url, apiKey: merchant.key, ...options });
const request = (changes: Partial<CreatePaymentIntent> = {}) =>
  aRequest(changes) as unknown as CreatePaymentIntent;
const paymentCount = () =>
  rig.count('SELECT count(*) FROM payment_intents WHERE merchant_id = $1', [merchant.id]);

/** The error that a call rejects with. */
async function failureOf(call: Promise<unknown>): Promise<QuittanceError> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isQuittanceError(error)) throw new Error('the call did not fail as expected');
  return error;
}

const codeOf = (error: unknown) => isQuittanceError(error) && error.code;

/** Sends the first `count` requests and loses their answers. */
function losingAnswers(count: number): { fetch: typeof fetch; sent: () => number } {
  let sent = 0;
  return {
    sent: () => sent,
    fetch: async (...sending) => {
      sent += 1;
      const response = await fetch(...sending);
      if (sent > count) return response;
      await response.arrayBuffer();
      throw new TypeError('fetch failed');
    },
  };
}

/** Answers the first request itself. */
function answeringFirst(answer: Response): { fetch: typeof fetch; sent: () => number } {
  let sent = 0;
  return {
    sent: () => sent,
    fetch: async (...sending) => ((sent += 1) === 1 ? answer : fetch(...sending)),
  };
}

describe('creating many payments', () => {
  const requests = (count: number) =>
    Array.from({ length: count }, (_, at) => request({ reference: `MANY-${at + 1}` }));
  /** Cuts the first `count` answers to batches off after so many bytes. */
  const cutting = (count: number, bytes: number): typeof fetch => {
    let cut = 0;
    return async (...sending) => {
      const [target] = sending;
      const response = await fetch(...sending);
      const isBatch = target instanceof URL && target.pathname.endsWith('/batch');
      if (!isBatch || (cut += 1) > count) return response;
      const text = await response.text();
      const body = new ReadableStream({
        start: (controller) => controller.enqueue(new TextEncoder().encode(text.slice(0, bytes))),
        pull: (controller) => controller.error(new TypeError('terminated')),
      });
      return new Response(body, response);
    };
  };

  async function* slowly<T>(values: readonly T[]): AsyncGenerator<T> {
    yield* values;
  }

  it('yields their outcomes in order, with the cards encrypted, and a refusal ends nothing', async () => {
    const wanted = [...requests(1_200), request({ reference: 'MANY-1', amount: '9.99' })];
    const { payments } = client();
    const outcomes = [];
    for await (const outcome of payments.createMany(slowly(wanted), { batchId: 'many' })) {
      outcomes.push(outcome);
    }
    expect(outcomes.map(({ line }) => line)).toEqual(wanted.map((_, at) => at + 1));
    expect(outcomes[0]?.payment).toMatchObject({ reference: 'MANY-1', card: null });
    expect(outcomes.at(-1)?.error).toMatchObject({ code: 'reference_conflict' });
    expect(await payments.batch('many')).toMatchObject({ settled: 1_201, accepted: 1_200 });
    expect(await paymentCount()).toBe(1_200);
  });

  it('continues by itself where an answer broke off, and repeats nothing that charges', async () => {
    const { payments } = client({ fetch: cutting(3, 2_500), encryptCards: false });
    const references = [];
    for await (const { payment } of payments.createMany(requests(20))) {
      references.push(payment?.reference);
    }
    expect(references).toEqual(requests(20).map(({ reference }) => reference));
    expect(await paymentCount()).toBe(20);
  });

  it('rejects after its last retry, and continues at the line that had no outcome', async () => {
    const options = { fetch: cutting(9, 3_000), encryptCards: false, retries: 0 };
    let last = 0;
    const failing = async () => {
      for await (const { line } of client(options).payments.createMany(requests(20))) last = line;
    };
    expect(await failureOf(failing())).toMatchObject({ code: 'no_answer' });
    expect(last).toBeGreaterThan(0);
    const rest = [];
    const left = requests(20).slice(last);
    for await (const { line } of client().payments.createMany(left)) rest.push(line);
    expect(rest).toHaveLength(left.length);
    expect(await paymentCount()).toBe(20);
  });

  it('signs each of them, where the key signs', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
    const { rows } = await rig.pool.query<{ id: string }>(
      'UPDATE api_keys SET signing_public_key = $2 WHERE merchant_id = $1 RETURNING id',
      [merchant.id, raw],
    );
    const signing = { signingKey: privateKey, signingKeyId: rows[0]?.id ?? '' };
    const outcomes = [];
    const { payments } = client(signing);
    for await (const outcome of payments.createMany(requests(3))) outcomes.push(outcome.payment);
    expect(outcomes).toMatchObject([{ status: 'queued' }, {}, {}]);
  });
});

describe('publishing a payment', () => {
  it('adds a signed job without a digit of the card, which returns the payment', async () => {
    const publisher = await Publisher.start(rig);
    const { keyId, privateKey } = await addSigner(rig, merchant.id);
    const signing = { signingKey: privateKey, signingKeyId: keyId, encryptCards: false };
    const job = await client(signing).payments.publish(publisher.queue, request());
    const { payment_intent: payment } = await publisher.resultOf(job);
    expect(payment).toMatchObject({ reference: 'ORD-1001', status: 'queued', card: null });
    const [, payload = ''] = (job.data as { jws: string }).jws.split('.');
    expect(Buffer.from(payload, 'base64url').toString()).not.toContain('33330026');
    expect(
      await client()
        .payments.create({ ...request(), amount: '9.99' })
        .catch(codeOf),
    ).toBe('reference_conflict');
    await publisher.stop();
  });

  it('needs the key that signs, and its id', async () => {
    const queue = { add: () => Promise.resolve() };
    await expect(client().payments.publish(queue, request())).rejects.toThrow('signingKey');
  });
});

describe('creating a payment', () => {
  it('returns it, with the card encrypted for the worker alone', async () => {
    const payment = await client().payments.create(request());
    expect(payment).toMatchObject({ reference: 'ORD-1001', status: 'queued', card: null });
    const { rows } = await rig.pool.query<{ sealed_card: string }>(
      'SELECT sealed_card FROM payment_intents WHERE id = $1',
      [payment.id],
    );
    const keys = parseKeySet(JSON.stringify(rig.keySets.worker));
    const opened: unknown[] = [];
    await openStoredCard(rows[0]?.sealed_card ?? '', {
      paymentId: payment.id,
      keys,
      readCallerCard: (card) => void opened.push(card),
    });
    expect(opened).toEqual([request().card]);
  });

  it('sends no digit of the card in clear', async () => {
    const bodies: unknown[] = [];
    const noting: typeof fetch = (url, init) => {
      bodies.push(init?.body);
      return fetch(url, init);
    };
    await client({ fetch: noting }).payments.create(request());
    expect(bodies.filter(Boolean)).toHaveLength(1);
    expect(String(bodies)).not.toContain('4012000033330026');
    expect(String(bodies)).not.toContain('33330026');
  });

  it('leaves the card to the api where that is preferred', async () => {
    const payment = await client({ encryptCards: false }).payments.create(request());
    expect(payment.card).toEqual({ brand: 'visa', first6: '401200', last4: '0026' });
  });

  it('repeats a request whose answer was lost, and there is one payment', async () => {
    const network = losingAnswers(4);
    const payment = await client({ fetch: network.fetch }).payments.create(request());
    expect(network.sent()).toBeGreaterThan(4);
    expect(await paymentCount()).toBe(1);
    expect(await client().payments.get(payment.id)).toEqual(payment);
  });

  it('says that the outcome is unknown when no answer comes at all', async () => {
    const network = losingAnswers(Infinity);
    const options = { fetch: network.fetch, retries: 1, encryptCards: false };
    const error = await failureOf(client(options).payments.create(request()));
    expect(error.code).toBe('no_answer');
    expect(network.sent()).toBe(2);
    expect(await paymentCount()).toBe(1);
  });

  it.each([
    ['a proxy without a server', new Response('<html>', { status: 502 })],
    ['a full limit', problem(429, 'too_many_requests', { 'retry-after': '1' })],
    ['Postgres away', problem(503, 'unavailable', { 'retry-after': '1' })],
  ])('tries again after %s', async (_name, answer) => {
    const network = answeringFirst(answer);
    const options = { fetch: network.fetch, encryptCards: false };
    await client(options).payments.create(request());
    expect(network.sent()).toBe(2);
  });

  it('encrypts the card again when the key was retired', async () => {
    const errors = [{ path: 'card_jwe', code: 'unknown_key', message: 'Use another key.' }];
    let refused = 0;
    const retiring: typeof fetch = async (url, init) => {
      if (init?.method !== 'POST' || refused > 0) return fetch(url, init);
      refused += 1;
      return problem(422, 'validation_failed', {}, { errors });
    };
    await client({ fetch: retiring }).payments.create(request());
    expect(refused).toBe(1);
    expect(await paymentCount()).toBe(1);
  });

  it('fails with every fault of the request, which is not repeated', async () => {
    const network = losingAnswers(0);
    const faulty = request({ amount: 'x', currency: 'EUX' });
    const options = { fetch: network.fetch, encryptCards: false };
    const error = await failureOf(client(options).payments.create(faulty));
    if (error.code !== 'validation_failed') throw error;
    expect(error.errors.map(({ path }) => path).toSorted()).toEqual(['amount', 'currency']);
    expect(network.sent()).toBe(1);
  });

  it('fails with the fields that differ under a used reference', async () => {
    const { payments } = client();
    await payments.create(request());
    const error = await failureOf(payments.create(request({ amount: '9.99' })));
    if (error.code !== 'reference_conflict') throw error;
    expect(error.errors.map(({ path }) => path)).toEqual(['amount']);
  });

  it('fails at once, with the cause itself, when the request cannot be written', async () => {
    const network = losingAnswers(0);
    const unwritable = { ...request(), metadata: { cart: 7n as unknown as string } };
    const options = { fetch: network.fetch, encryptCards: false };
    await expect(client(options).payments.create(unwritable)).rejects.toThrow('BigInt');
    expect(network.sent()).toBe(0);
  });

  it('stops at once when its signal aborts', async () => {
    const network = losingAnswers(Infinity);
    const controller = new AbortController();
    const options = { fetch: network.fetch, encryptCards: false, retries: 100 };
    const { signal } = controller;
    const creating = client(options).payments.create(request(), { signal });
    controller.abort(new Error('enough'));
    await expect(creating).rejects.toThrow('enough');
    expect(network.sent()).toBeLessThanOrEqual(1);
  });
});

describe('a key that requires signatures', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  beforeEach(async () => {
    await rig.pool.query('UPDATE api_keys SET signing_public_key = $2 WHERE merchant_id = $1', [
      merchant.id,
      publicKey.export({ format: 'der', type: 'spki' }).subarray(-32),
    ]);
  });

  it('signs bodies, queries and repeats', async () => {
    const network = losingAnswers(2);
    const signing = client({
      fetch: network.fetch,
      encryptCards: false,
      signingKey: privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
    });
    const payment = await signing.payments.create(request());
    const found = [];
    for await (const listed of signing.payments.list({ reference: payment.reference }))
      found.push(listed);
    expect(found).toEqual([payment]);
    expect(await signing.payments.cancel(payment.id)).toMatchObject({ status: 'cancelled' });
  });

  it('fails without the private key, and says why', async () => {
    const error = await failureOf(client({ encryptCards: false }).payments.create(request()));
    expect(error.code).toBe('signature_required');
  });
});

describe('waiting', () => {
  it('returns the payment once it has ended', async () => {
    const { payments } = client();
    const { id } = await payments.create(request());
    const waiting = payments.wait(id);
    await worker.open(id);
    await worker.report(id);
    expect(await waiting).toMatchObject({ id, status: 'succeeded' });
  });

  it('returns it as it is when the limit is over', async () => {
    const { payments } = client();
    const { id } = await payments.create(request());
    expect(await payments.wait(id, { timeoutMs: 300 })).toMatchObject({ id, status: 'queued' });
  });

  it('holds the first answer as well', async () => {
    const { payments } = client();
    const creating = payments.create(request(), { waitSeconds: 20 });
    const { rows } = await until(() =>
      rig.pool.query<{ id: string }>('SELECT id FROM payment_intents WHERE merchant_id = $1', [
        merchant.id,
      ]),
    );
    const id = rows[0]?.id ?? '';
    await worker.open(id);
    await worker.report(id);
    expect(await creating).toMatchObject({ id, status: 'succeeded' });
  });
});

async function until<T extends { rows: unknown[] }>(look: () => Promise<T>): Promise<T> {
  for (;;) {
    const result = await look();
    if (result.rows.length > 0) return result;
  }
}

describe('existing payments', () => {
  it('lists all payments over several pages', async () => {
    const { payments } = client({ encryptCards: false });
    const references = Array.from({ length: 7 }, (_, n) => `ORD-${n}`);
    for (const reference of references) await payments.create(request({ reference }));
    const listed = [];
    for await (const { reference } of payments.list({ limit: 3 })) listed.push(reference);
    expect(listed).toEqual(references.toReversed());
  });

  it('cancels once, and returns the cancelled payment when the answer was lost', async () => {
    const { id } = await client().payments.create(request());
    const network = losingAnswers(1);
    const cancelled = await client({ fetch: network.fetch }).payments.cancel(id);
    expect(cancelled.status).toBe('cancelled');
    const { data } = await client().payments.timeline(id);
    expect(data.map(({ to }) => to)).toEqual(['queued', 'cancelled']);
  });

  it('does not cancel what was sent', async () => {
    const { payments } = client();
    const { id } = await payments.create(request());
    await worker.open(id);
    expect((await failureOf(payments.cancel(id))).code).toBe('state_conflict');
  });

  it('refunds once, although the answer was lost', async () => {
    const { id } = await client().payments.create(request());
    await worker.open(id);
    await worker.report(id);
    const { refunds } = client({ fetch: losingAnswers(1).fetch });
    const refund = await refunds.create(id, { reference: 'RF-1', amount: '5.00' });
    expect(await client().refunds.get(refund.id)).toEqual(refund);
    const again = client().refunds.create(id, { reference: 'RF-2' });
    expect((await failureOf(again)).code).toBe('refund_exists');
  });

  it('waits for a refund, and lists refunds over several pages', async () => {
    const { payments, refunds } = client({ encryptCards: false });
    const ids: string[] = [];
    for (const n of [1, 2, 3]) {
      const { id } = await payments.create(request({ reference: `ORD-${n}` }));
      await worker.open(id);
      await worker.report(id);
      ids.push((await refunds.create(id, { reference: `RF-${n}` })).id);
      if (n === 3) await worker.acceptRefundOf(id);
    }
    expect(await refunds.wait(ids[2] ?? '')).toMatchObject({ status: 'pending', version: 3 });
    const waited = await refunds.wait(ids[0] ?? '', { timeoutMs: 500 });
    expect(waited).toMatchObject({ status: 'pending', version: 1 });
    const listed: string[] = [];
    for await (const { id } of refunds.list({ limit: 2 })) listed.push(id);
    expect(listed).toEqual(ids.toReversed());
    const found: string[] = [];
    for await (const { id } of refunds.list({ reference: 'RF-2' })) found.push(id);
    expect(found).toEqual([ids[1]]);
  });

  it('finds nothing of another merchant', async () => {
    const { id } = await client().payments.create(request());
    const { key: apiKey } = await rig.addMerchant();
    expect((await failureOf(client({ apiKey }).payments.get(id))).code).toBe('not_found');
  });
});

describe('events', () => {
  it('come in order, over several pages, and continue after a page', async () => {
    const { payments, events } = client({ encryptCards: false });
    for (const n of [1, 2, 3, 4, 5]) await payments.create(request({ reference: `ORD-${n}` }));
    const seen: string[] = [];
    let after: string | undefined;
    for await (const page of events.pages({ limit: 2 })) {
      seen.push(...page.data.map(({ data }) => data.payment_intent.reference));
      after = page.next ?? undefined;
      if (seen.length === 4) break;
    }
    for await (const { data } of events.list({ limit: 2, ...(after && { after }) }))
      seen.push(data.payment_intent.reference);
    expect(seen).toEqual(['ORD-1', 'ORD-2', 'ORD-3', 'ORD-4', 'ORD-5']);
  });

  it('of refunds can be selected, and contain the refund', async () => {
    const { payments, refunds, events } = client({ encryptCards: false });
    const { id } = await payments.create(request());
    await worker.open(id);
    await worker.report(id);
    const refund = await refunds.create(id, { reference: 'RF-1' });
    const controller = new AbortController();
    const options = { types: ['refund.*'], follow: true, signal: controller.signal };
    for await (const event of events.list(options)) {
      expect(isRefundEvent(event) && event.data.refund).toEqual(refund);
      expect(event.data.payment_intent).toMatchObject({ id, status: 'succeeded' });
      break;
    }
    controller.abort();
  });

  it('are followed until the signal aborts', async () => {
    const { payments, events } = client({ encryptCards: false });
    const controller = new AbortController();
    const seen: string[] = [];
    const following = (async () => {
      const options = { follow: true, pauseMs: 10, signal: controller.signal };
      for await (const { data } of events.list(options)) {
        seen.push(data.payment_intent.reference);
        if (seen.length === 2) controller.abort(new Error('enough'));
      }
    })();
    const ended = following.catch((error: unknown) => error);
    await payments.create(request({ reference: 'ORD-1' }));
    await payments.create(request({ reference: 'ORD-2' }));
    expect(await ended).toEqual(new Error('enough'));
    expect(seen).toEqual(['ORD-1', 'ORD-2']);
  });
});

function problem(
  status: number,
  code: string,
  headers: Record<string, string> = {},
  more: object = {},
): Response {
  const body = { type: 'x', title: 'x', status, code, detail: 'x', request_id: 'req_x', ...more };
  return Response.json(body, { status, headers });
}

describe('the status that a payer brings back', () => {
  const paymentId = 'pi_1';
  const claims = { reference: 'R-1', order_id: null, status: 'succeeded', version: 4 } as const;
  const payment = { ...claims, amount: '11.11', currency: 'EUR', livemode: false };
  const keysOf = (...sets: KeySets[]) =>
    parseKeySet(
      JSON.stringify({ returnTokens: sets.flatMap(({ api }) => api.returnTokens ?? []) }),
    );
  const urlBy = async (set: KeySets) => {
    const context = { paymentId, merchantId: 'mer_1', now: new Date() };
    return `/return?status_token=${await returnToken(payment, context, keysOf(set))}`;
  };
  const [former, next] = [generateKeySets(), generateKeySets()];

  afterEach(() => jest.restoreAllMocks());

  it('is verified with a key that was added since the keys were read', async () => {
    const answers = [keysOf(former), keysOf(next, former), keysOf(next)];
    let reads = 0;
    const shop = client({
      fetch: async () => Response.json(publicJwks(answers[reads++] ?? keysOf())),
    });
    const verify = async (set: KeySets) =>
      shop.payments.verifyReturn(await urlBy(set), { merchant: 'mer_1' });
    expect(await verify(former)).toEqual({ id: paymentId, ...payment });
    await expect(verify(next)).rejects.toMatchObject({ code: 'invalid_return' });
    expect(reads).toBe(1);
    const now = performance.now();
    jest.spyOn(performance, 'now').mockImplementation(() => now + 11_000);
    expect(await verify(next)).toEqual({ id: paymentId, ...payment });
    expect(await verify(former)).toEqual({ id: paymentId, ...payment });
    await expect(verify(generateKeySets())).rejects.toMatchObject({ code: 'invalid_return' });
    expect(reads).toBe(2);
  });
});
