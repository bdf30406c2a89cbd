// Many payments in few calls: slices of NDJSON with one batch id. A slice whose response breaks is
// sent again from the first line without an outcome; the references make that safe.
import type { components } from './api.js';
import { pause } from './pause.js';
import { NoAnswerError, ProblemError } from './problems.js';
import { backoffMs, isRetried, type Transport } from './transport.js';

type CreatePaymentIntent = components['schemas']['CreatePaymentIntent'];
type PaymentIntent = components['schemas']['PaymentIntent'];

export type Batch = components['schemas']['Batch'];
type OutcomeLine = components['schemas']['BatchOutcome'];

/** Settings of {@link PaymentsClient.createMany}. */
export interface CreateManyOptions {
  /** Names the batch: 1 to 64 of `A-Z a-z 0-9 . _ -`. Default: a new name. */
  readonly batchId?: string;
  /** The number of the first request in the batch, to continue it. Default 1. */
  readonly firstLine?: number;
  readonly signal?: AbortSignal;
}

/** The outcome of one request of a batch. */
export type BatchOutcome =
  | {
      readonly line: number;
      /** True when the reference had a payment with the same content. */
      readonly isReplayed: boolean;
      readonly payment: PaymentIntent;
      readonly error?: undefined;
    }
  | { readonly line: number; readonly payment?: undefined; readonly error: ProblemError };

/** A request and its text as a line. */
interface Line {
  readonly number: number;
  readonly request: CreatePaymentIntent;
  readonly text: string;
}

/** Encodes a request as a line, without its end. */
export type EncodeLine = (request: CreatePaymentIntent, signal?: AbortSignal) => Promise<string>;

/** A slice is carried out within seconds, and is small enough to be held until then. */
const SLICE_LINES = 500;
const SLICE_CHARS = 1024 * 1024;

/** One batch of one call of `createMany`. */
export class BatchSending {
  readonly #transport: Transport;
  readonly #encode: EncodeLine;
  readonly #forgetKey: () => void;
  readonly #batchId: string;
  readonly #signal: AbortSignal | undefined;

  constructor(
    transport: Transport,
    parts: { readonly encode: EncodeLine; readonly forgetKey: () => void },
    { batchId, signal }: { readonly batchId: string; readonly signal: AbortSignal | undefined },
  ) {
    this.#transport = transport;
    this.#encode = parts.encode;
    this.#forgetKey = parts.forgetKey;
    this.#batchId = batchId;
    this.#signal = signal;
  }

  /** The outcomes of all requests, in order. Reads requests as fast as the API accepts them. */
  async *outcomesOf(
    requests: AsyncIterable<CreatePaymentIntent> | Iterable<CreatePaymentIntent>,
    firstLine: number,
  ): AsyncGenerator<BatchOutcome, void, undefined> {
    let slice: Line[] = [];
    let chars = 0;
    let number = firstLine;
    for await (const request of requests) {
      const text = await this.#encode(request, this.#signal);
      slice.push({ number, request, text });
      number += 1;
      chars += text.length;
      if (slice.length < SLICE_LINES && chars < SLICE_CHARS) continue;
      yield* this.#settle(slice);
      [slice, chars] = [[], 0];
    }
    if (slice.length > 0) yield* this.#settle(slice);
  }

  /** Sends a slice, and its rest again while the fault of the API or the network may pass. */
  async *#settle(slice: readonly Line[]): AsyncGenerator<BatchOutcome, void, undefined> {
    let left = slice;
    for (let attempt = 0; left.length > 0; attempt += 1) {
      const [{ number: from } = { number: 0 }] = left;
      let fault: ProblemError | NoAnswerError | undefined;
      try {
        for await (const outcome of this.#send(left)) {
          left = left.slice(1);
          attempt = 0;
          yield outcome;
        }
      } catch (error) {
        if (!(error instanceof ProblemError || error instanceof NoAnswerError)) throw error;
        fault = error;
      }
      if (left.length === 0) return;
      fault ??= new NoAnswerError(`the response ended before line ${left[0]?.number ?? from}`);
      this.#signal?.throwIfAborted();
      if (isKeyGone(fault)) left = await this.#encodeAgain(left);
      else if (attempt >= this.#transport.retries || !isRetried(fault)) throw fault;
      else await pause(backoffMs(attempt), this.#signal);
    }
  }

  /** One attempt. Rejects at the first line that is not settled, or that must be encoded again. */
  async *#send(lines: readonly Line[]): AsyncGenerator<BatchOutcome, void, undefined> {
    const [first] = lines;
    const answered = this.#transport.lines<OutcomeLine>({
      path: '/v1/payment-intents/batch',
      headers: { 'batch-id': this.#batchId, 'first-line': String(first?.number ?? 1) },
      lines: lines.map(({ text }) => text),
      signal: this.#signal,
    });
    let at = 0;
    for await (const { line, idempotent_replayed: replayed, payment_intent, problem } of answered) {
      const error = problem && new ProblemError(problem);
      if (line === undefined || (error && (error.status === 503 || isKeyGone(error)))) {
        throw error ?? new NoAnswerError('an outcome without a line');
      }
      if (line !== lines[at]?.number) throw new NoAnswerError('an outcome of another line');
      at += 1;
      if (error) yield { line, error };
      else if (payment_intent) {
        yield { line, isReplayed: replayed === true, payment: payment_intent };
      }
    }
  }

  /** The key was retired while it was remembered here, and no payment of these lines is stored. */
  async #encodeAgain(lines: readonly Line[]): Promise<Line[]> {
    this.#forgetKey();
    const again: Line[] = [];
    for (const { number, request } of lines) {
      again.push({ number, request, text: await this.#encode(request, this.#signal) });
    }
    return again;
  }
}

/** True when a card was encrypted to a key that the API has no more. */
export function isKeyGone(error: unknown): boolean {
  if (!(error instanceof ProblemError) || error.code !== 'validation_failed') return false;
  return (
    error.errors?.some(({ path, code }) => path === 'card_jwe' && code === 'unknown_key') ?? false
  );
}
