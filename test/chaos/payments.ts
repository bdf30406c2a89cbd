// Asks for payments, refunds and cancellations as a careful caller does: the reference is the
// idempotency key, so every request without a definite response is repeated.
import { setTimeout as pause } from 'node:timers/promises';
import type { Signer } from './signer.js';
import type { ChaosStack } from './stack/chaos-stack.js';

const ANSWER_LIMIT_MS = 5_000;
const REPEAT_AFTER_MS = 100;
const ACCEPTED_WITHIN_MS = 60_000;
/** 408: on a busy machine a request may take too long to arrive; nothing was accepted. */
const REQUEST_TOO_SLOW = 408;
const CONFLICT = 409;
/** The outcome of a batch's line that cannot be parsed. */
const NOT_JSON = 400;
/** The sandbox approves it; it is none of the gateway's test cards. */
export const CARD = { number: '4242424242424242', cvv: '123', exp_month: '01', exp_year: '30' };

/** A payment as the api answers with it, in part. */
export interface AcceptedPayment {
  readonly id: string;
  readonly reference: string;
}

/** The fields of a payment that callers choose. */
export interface PaymentOptions {
  readonly terminal?: string | undefined;
  readonly amount?: string | undefined;
  /** The payer comes back through the return page. */
  readonly returnPage?: boolean;
}

/** The response to one attempt; `status` is 0, and `text` the reason, where there was none. */
interface Answer {
  readonly status: number;
  readonly text: string;
}

interface CallerOptions {
  readonly apiUrl: string;
  readonly sandboxUrl: string;
  readonly apiKey: string;
  readonly answerLimitMs?: number | undefined;
  /** Signs each attempt. */
  readonly signer?: Signer;
}

/** A card payment's request. */
export function paymentRequest(
  reference: string,
  {
    sandboxUrl,
    terminal = 'main',
    amount = '11.11',
    returnPage = false,
  }: PaymentOptions & { readonly sandboxUrl: string },
) {
  return {
    reference,
    terminal,
    amount,
    currency: 'EUR',
    product_name: 'Two tickets',
    method: 'CC',
    card: CARD,
    customer: { name: 'Dev Tech', email: 'dev@example.com', ip: '203.0.113.7' },
    return_url: `${sandboxUrl}/sandbox/return`,
    ...(returnPage && { return_page: true }),
  };
}

/** The reference of the refund that {@link Caller.refund} asks for. */
export const refundReference = (reference: string): string => `${reference}-rf`;

const isAccepted = ({ status }: Answer) => status === 200 || status === 202;

/** A caller of the api with one key. */
export class Caller {
  readonly #url: string;
  readonly #options: CallerOptions;
  /** The time of the slowest answer, in milliseconds. */
  longestAnswerMs = 0;

  constructor(options: CallerOptions) {
    this.#options = options;
    this.#url = `${options.apiUrl}/v1/payment-intents`;
  }

  /** For the api and the sandbox of a stack. */
  static of({ urls, apiKey }: ChaosStack): Caller {
    return new Caller({ apiUrl: urls.api, sandboxUrl: urls.sandbox, apiKey });
  }

  /** The same, with a key that signs. */
  static signing({ urls }: ChaosStack, signer: Signer): Caller {
    const { apiKey } = signer;
    return new Caller({ apiUrl: urls.api, sandboxUrl: urls.sandbox, apiKey, signer });
  }

  /**
   * Repeats the request until it is accepted (200 or 202).
   * @returns the payment, and how the attempts before ended (`faults`)
   * @throws {Error} when the api rejects it as a caller's mistake, or does not accept it within
   *   `limitMs`
   */
  async accept(
    reference: string,
    {
      limitMs = ACCEPTED_WITHIN_MS,
      ...options
    }: PaymentOptions & { readonly limitMs?: number } = {},
  ): Promise<{ reference: string; faults: string[]; payment: AcceptedPayment }> {
    const { sandboxUrl } = this.#options;
    const body = paymentRequest(reference, { sandboxUrl, ...options });
    const send = () => this.#send('POST', '', body);
    const { text, faults } = await repeated(send, { what: reference, limitMs });
    return { reference, faults, payment: JSON.parse(text) as AcceptedPayment };
  }

  /**
   * The same in a batch that is named like the payment: its request, a line that is no request, and
   * the request again. Repeats the batch from its first line. Resolves with the batch's progress.
   */
  async acceptInBatch(
    reference: string,
  ): Promise<{ readonly settled: number; readonly payment: AcceptedPayment }> {
    const { sandboxUrl } = this.#options;
    const line = JSON.stringify(paymentRequest(reference, { sandboxUrl }));
    const headers = { 'content-type': 'application/x-ndjson', 'batch-id': reference };
    const send = async () => {
      const answer = await this.#send('POST', '/batch', `${line}\n?\n${line}\n`, headers);
      if (!isAccepted(answer)) return answer;
      const outcomes = answer.text.trimEnd().split('\n');
      const worst = outcomes.map((text) => JSON.parse(text) as { status: number });
      const status = Math.max(...worst.map((outcome) => outcome.status));
      return outcomes.length === 3 && status === NOT_JSON ? answer : { ...answer, status };
    };
    const read = () => this.#send('GET', `/../batches/${reference}`);
    const limitMs = ACCEPTED_WITHIN_MS;
    const sent = await repeated(send, { what: `the batch ${reference}`, limitMs });
    const { text } = await repeated(read, { what: `its progress`, limitMs });
    const { settled } = JSON.parse(text) as { settled: number };
    const [first = ''] = sent.text.split('\n');
    const { payment_intent: payment } = JSON.parse(first) as { payment_intent: AcceptedPayment };
    return { settled, payment };
  }

  /** Asks for a refund of the whole payment until that is accepted; throws as {@link accept}. */
  refund({ id, reference }: AcceptedPayment): Promise<unknown> {
    const body = { reference: refundReference(reference) };
    const send = () => this.#send('POST', `/${id}/refunds`, body);
    return repeated(send, { what: body.reference, limitMs: ACCEPTED_WITHIN_MS });
  }

  /**
   * Cancels until the payment is cancelled, by this attempt or by one whose answer was lost. Throws
   * as {@link accept}.
   */
  cancel({ id, reference }: AcceptedPayment): Promise<unknown> {
    const send = async () => {
      const answer = await this.#send('POST', `/${id}/cancel`);
      if (answer.status !== CONFLICT) return answer;
      const read = await this.#send('GET', `/${id}`);
      const isRejected =
        isAccepted(read) && (JSON.parse(read.text) as { status: string }).status !== 'cancelled';
      return isRejected ? answer : read;
    };
    return repeated(send, { what: reference, limitMs: ACCEPTED_WITHIN_MS });
  }

  async #send(
    method: string,
    path: string,
    body?: object | string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const startedAt = performance.now();
    const { apiKey, answerLimitMs = ANSWER_LIMIT_MS, signer } = this.#options;
    try {
      const url = this.#url + path;
      const text = typeof body === 'object' ? JSON.stringify(body) : body;
      const response = await fetch(url, {
        method,
        headers: {
          authorization: `Bearer ${apiKey}`,
          ...(text && { 'content-type': 'application/json' }),
          ...signer?.headersOf({ method, url, body: text }),
          ...headers,
        },
        ...(text && { body: text }),
        signal: AbortSignal.timeout(answerLimitMs),
      });
      return { status: response.status, text: await response.text() };
    } catch (error) {
      const { cause, name } = error as Error;
      return { status: 0, text: (cause as NodeJS.ErrnoException | undefined)?.code ?? name };
    } finally {
      this.longestAnswerMs = Math.max(this.longestAnswerMs, performance.now() - startedAt);
    }
  }
}

/** Repeats `send` while the outcome is unknown. */
async function repeated(
  send: () => Promise<Answer>,
  { what, limitMs }: { what: string; limitMs: number },
): Promise<{ text: string; faults: string[] }> {
  const deadline = Date.now() + limitMs;
  const faults: string[] = [];
  for (;;) {
    const answer = await send();
    if (isAccepted(answer)) return { text: answer.text, faults };
    const { status, text } = answer;
    const isUnknown = status === 0 || status >= 500 || status === REQUEST_TOO_SLOW;
    if (!isUnknown || Date.now() > deadline)
      throw new Error(`${what} was not accepted: ${status} ${text}`);
    faults.push(status === 0 ? text : String(status));
    await pause(REPEAT_AFTER_MS);
  }
}
