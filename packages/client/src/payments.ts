// Payments: create, publish, read, wait for, list, cancel.
import { randomUUID } from 'node:crypto';
import type { components, operations } from './api.js';
import { type Card, CardEncryption } from './card-encryption.js';
import {
  type Batch,
  type BatchOutcome,
  BatchSending,
  type CreateManyOptions,
  isKeyGone,
} from './batches.js';
import { pagesOf } from './pages.js';
import { ProblemError } from './problems.js';
import type { PublishedKeys } from './published-keys.js';
import { type ReturnedPayment, verifyReturn, type VerifyReturnOptions } from './returns.js';
import { signIntent } from './signed-intents.js';
import type { Transport } from './transport.js';

export type PaymentIntent = components['schemas']['PaymentIntent'];
export type PaymentStatus = PaymentIntent['status'];
export type CreatePaymentIntent = components['schemas']['CreatePaymentIntent'];
export type Timeline = components['schemas']['Timeline'];

/** Filters of a list. `limit` is the size of a page, 1 to 100. */
export type ListPaymentIntents = Omit<
  NonNullable<operations['listPaymentIntents']['parameters']['query']>,
  'after'
>;

/** Options of every call. An aborted signal ends it. */
export interface CallOptions {
  readonly signal?: AbortSignal;
}

/** Options of a call whose response may be held. */
export interface HeldCallOptions extends CallOptions {
  /** `Prefer: wait`, 1 to 30 seconds: the answer is held until there is news. */
  readonly waitSeconds?: number;
}

export interface WaitOptions extends CallOptions {
  /** When to return. Default: the payment is final, in doubt, or needs the payer. */
  readonly until?: (payment: PaymentIntent) => boolean;
  /** Limit in milliseconds. Default 60,000. */
  readonly timeoutMs?: number;
}

/** A queue that services publish payments to: BullMQ's, or anything with its `add`. */
export interface IntentQueue<Job> {
  add(name: string, data: { readonly jws: string }): Promise<Job>;
}

const PUBLISHED_JOB = 'payment.create.v1';

const HELD_SECONDS = 25;
const WAIT_MS = 60_000;

/** The payment still moves by itself, within seconds. */
const MOVING: ReadonlySet<PaymentStatus> = new Set(['queued', 'submitting', 'processing']);

export class PaymentsClient {
  readonly #transport: Transport;
  readonly #published: PublishedKeys;
  readonly #cards: CardEncryption;
  readonly #encryptsCards: boolean;

  constructor(transport: Transport, published: PublishedKeys, encryptsCards: boolean) {
    this.#transport = transport;
    this.#published = published;
    this.#cards = new CardEncryption(published);
    this.#encryptsCards = encryptsCards;
  }

  /**
   * Creates a payment, or returns the one that its reference already has. Repeating the call with
   * the same content is safe, whatever it ended with. `card` is encrypted in this process unless
   * the client was made with `encryptCards: false`; the payment's own `card` then is null. Rejects
   * with `validation_failed`, and with `reference_conflict` for other content under the reference.
   */
  async create(
    request: CreatePaymentIntent,
    { waitSeconds, signal }: HeldCallOptions = {},
  ): Promise<PaymentIntent> {
    const send = (body: CreatePaymentIntent) =>
      this.#transport.json<PaymentIntent>({
        method: 'POST',
        path: '/v1/payment-intents',
        body,
        waitSeconds,
        signal,
      });
    try {
      return await send(await this.#encrypted(request, signal));
    } catch (error) {
      if (!isKeyGone(error)) throw error;
      // The key was retired while it was remembered here. Nothing was stored.
      this.#cards.forgetKey();
      return send(await this.#encrypted(request, signal));
    }
  }

  /**
   * Creates any number of payments, and yields their outcomes in order. Sends slices of a batch,
   * and reads further requests while you read outcomes. A request that is refused does not end the
   * call: its outcome has the error. Repeating the call with the same requests is safe. After an
   * error, continue with the same `batchId`, the requests without an outcome, and `firstLine` the
   * number of the first of them. Rejects like `create`, after all retries.
   */
  async *createMany(
    requests: AsyncIterable<CreatePaymentIntent> | Iterable<CreatePaymentIntent>,
    { batchId = randomUUID(), firstLine = 1, signal }: CreateManyOptions = {},
  ): AsyncGenerator<BatchOutcome, void, undefined> {
    const parts = {
      encode: (request: CreatePaymentIntent) => this.#line(request, signal),
      forgetKey: () => this.#cards.forgetKey(),
    };
    const sending = new BatchSending(this.#transport, parts, { batchId, signal });
    yield* sending.outcomesOf(requests, firstLine);
  }

  /**
   * Publishes a payment as a job, for example with a `Queue('payment-intents')` of BullMQ, and
   * resolves with what its `add` returns. Needs `signingKey` and `signingKeyId`. A card is always
   * encrypted. Until the job has its return value it is in Redis alone, and may be lost: publish
   * the payment again, which is safe. Nothing is checked here; a refused job fails with a problem
   * document as its reason.
   */
  async publish<Job>(
    queue: IntentQueue<Job>,
    request: CreatePaymentIntent,
    { signal }: CallOptions = {},
  ): Promise<Job> {
    const { intentSigner } = this.#transport;
    if (!intentSigner) throw new Error('Set signingKey and signingKeyId to publish payments.');
    const body = await this.#withoutCard(request, signal);
    return queue.add(PUBLISHED_JOB, { jws: await signIntent(body, intentSigner) });
  }

  /**
   * Verifies the query with which a payer of a payment with `return_page` comes back to the shop,
   * and resolves with the payment as it was a moment ago. `url` is the request's address; a path
   * with its query is enough. Rejects with `invalid_return` for a query that we did not sign, for
   * another merchant's, and for one older than five minutes.
   */
  verifyReturn(url: string | URL, options: VerifyReturnOptions): Promise<ReturnedPayment> {
    return verifyReturn(url, options, this.#published);
  }

  /** The progress of a batch. */
  batch(batchId: string, { signal }: CallOptions = {}): Promise<Batch> {
    const path = `/v1/batches/${encodeURIComponent(batchId)}`;
    return this.#transport.json({ method: 'GET', path, signal });
  }

  async #line(request: CreatePaymentIntent, signal: AbortSignal | undefined): Promise<string> {
    const body = await this.#encrypted(request, signal);
    const { intentSigner } = this.#transport;
    return JSON.stringify(intentSigner ? { jws: await signIntent(body, intentSigner) } : body);
  }

  async #encrypted(
    request: CreatePaymentIntent,
    signal: AbortSignal | undefined,
  ): Promise<CreatePaymentIntent> {
    return this.#encryptsCards ? this.#withoutCard(request, signal) : request;
  }

  async #withoutCard(
    request: CreatePaymentIntent,
    signal: AbortSignal | undefined,
  ): Promise<CreatePaymentIntent> {
    const { card, ...rest } = request;
    if (!card) return request;
    const jwe = await this.#cards.encrypt(card satisfies Card, request.reference, signal);
    return { ...rest, card_jwe: jwe };
  }

  /** A payment as it is now; with `waitSeconds` after its next transition. */
  get(id: string, { waitSeconds, signal }: HeldCallOptions = {}): Promise<PaymentIntent> {
    return this.#transport.json({ method: 'GET', path: pathOf(id), waitSeconds, signal });
  }

  /**
   * The payment once `until` holds, or as it is when the limit is over: check its status. Uses long
   * polling.
   */
  async wait(id: string, options: WaitOptions = {}): Promise<PaymentIntent> {
    const { until = ({ status }) => !MOVING.has(status), timeoutMs = WAIT_MS, signal } = options;
    const deadline = performance.now() + timeoutMs;
    let payment = await this.get(id, { ...(signal && { signal }) });
    while (!until(payment)) {
      const leftSeconds = Math.ceil((deadline - performance.now()) / 1_000);
      if (leftSeconds <= 0) break;
      payment = await this.#transport.json<PaymentIntent>({
        method: 'GET',
        path: pathOf(id),
        query: { version: payment.version },
        waitSeconds: Math.min(leftSeconds, HELD_SECONDS),
        signal,
      });
    }
    return payment;
  }

  /** All payments that match, newest first, page by page. */
  async *list(
    filters: ListPaymentIntents = {},
    { signal }: CallOptions = {},
  ): AsyncGenerator<PaymentIntent, void, undefined> {
    const path = '/v1/payment-intents';
    for await (const page of pagesOf<PaymentIntent>(this.#transport, { path, filters, signal })) {
      yield* page.data;
    }
  }

  /** Every transition and attempt of a payment. */
  timeline(id: string, { signal }: CallOptions = {}): Promise<Timeline> {
    return this.#transport.json({ method: 'GET', path: `${pathOf(id)}/timeline`, signal });
  }

  /**
   * Cancels a payment that is `queued`. Rejects with `state_conflict` when it has been sent. A
   * payment that is cancelled already is returned, because a lost answer makes this call repeat.
   */
  async cancel(id: string, { signal }: CallOptions = {}): Promise<PaymentIntent> {
    try {
      return await this.#transport.json({ method: 'POST', path: `${pathOf(id)}/cancel`, signal });
    } catch (error) {
      if (!(error instanceof ProblemError) || error.code !== 'state_conflict') throw error;
      const payment = await this.get(id, { ...(signal && { signal }) });
      if (payment.status !== 'cancelled') throw error;
      return payment;
    }
  }
}

const pathOf = (id: string) => `/v1/payment-intents/${encodeURIComponent(id)}`;
