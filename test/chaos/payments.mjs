// Asks for payments, refunds and cancellations as a careful caller does: the reference is the idempotency key, so whatever is
// not answered is sent again.
import { setTimeout as pause } from 'node:timers/promises';

const ANSWER_LIMIT_MS = 5_000;
const AGAIN_AFTER_MS = 100;
/** 408: on a busy machine a request may take too long to arrive; nothing was accepted. */
const REQUEST_TOO_SLOW = 408;
const CONFLICT = 409;
/** The sandbox approves it; it is none of the gateway's test cards. */
const CARD = { number: '4242424242424242', cvv: '123', exp_month: '01', exp_year: '30' };

/** A card payment's request. */
export function paymentRequest(reference, { sandboxUrl, terminal = 'main', amount = '11.11' }) {
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
  };
}

/** The reference of the refund that {@link Caller.refund} asks for. */
export const refundReference = (reference) => `${reference}-rf`;

const isTaken = ({ status }) => status === 200 || status === 202;

export class Caller {
  #url;
  #headers;
  #sandboxUrl;
  #answerLimitMs;
  #signer;
  /** How long the slowest answer took, in milliseconds. */
  longestAnswerMs = 0;

  /** With a `signer`, its key is used and each try is signed. */
  constructor({
    apiUrl,
    sandboxUrl,
    signer,
    apiKey = signer.apiKey,
    answerLimitMs = ANSWER_LIMIT_MS,
  }) {
    this.#answerLimitMs = answerLimitMs;
    this.#signer = signer;
    this.#url = `${apiUrl}/v1/payment-intents`;
    this.#headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
    this.#sandboxUrl = sandboxUrl;
  }

  /** For the api and the sandbox of a stack. */
  static of({ urls, apiKey }) {
    return new Caller({ apiUrl: urls.api, sandboxUrl: urls.sandbox, apiKey });
  }

  /** The same, with a key that signs. */
  static signing({ urls }, signer) {
    return new Caller({ apiUrl: urls.api, sandboxUrl: urls.sandbox, signer });
  }

  /**
   * Sends until it is accepted (200 or 202).
   * @returns {Promise<{ reference: string, faults: string[], payment: { id: string, reference: string } }>} `faults` is how the
   *   tries before ended
   * @throws when the api refuses it as a caller's mistake, or does not take it within `limitMs`
   */
  async accept(reference, { limitMs = 60_000, ...options } = {}) {
    const body = paymentRequest(reference, { sandboxUrl: this.#sandboxUrl, ...options });
    const send = () => this.#send('POST', '', body);
    const { text, faults } = await repeated(send, { what: reference, limitMs });
    return { reference, faults, payment: JSON.parse(text) };
  }

  /** Asks for a refund of the whole payment until that is accepted; throws as {@link accept}. */
  refund({ id, reference }, { limitMs = 60_000 } = {}) {
    const body = { reference: refundReference(reference) };
    const send = () => this.#send('POST', `/${id}/refunds`, body);
    return repeated(send, { what: body.reference, limitMs });
  }

  /** Cancels until it is cancelled: by this try, or by one whose answer was lost. Throws as {@link accept}. */
  cancel({ id, reference }, { limitMs = 60_000 } = {}) {
    const send = async () => {
      const answer = await this.#send('POST', `/${id}/cancel`);
      if (answer.status !== CONFLICT) return answer;
      const read = await this.#send('GET', `/${id}`);
      const isRefused = isTaken(read) && JSON.parse(read.text).status !== 'cancelled';
      return isRefused ? answer : read;
    };
    return repeated(send, { what: reference, limitMs });
  }

  /** One try: the HTTP status, or 0 and the word for why there was none. */
  async #send(method, path, body) {
    const startedAt = performance.now();
    try {
      const { 'content-type': type, ...headers } = this.#headers;
      const url = this.#url + path;
      const text = body && JSON.stringify(body);
      const signature = this.#signer?.headersOf({ method, url, body: text });
      const response = await fetch(url, {
        method,
        headers: { ...(body ? this.#headers : headers), ...signature },
        ...(text && { body: text }),
        signal: AbortSignal.timeout(this.#answerLimitMs),
      });
      return { status: response.status, text: await response.text() };
    } catch (error) {
      return { status: 0, text: error.cause?.code ?? error.name };
    } finally {
      this.longestAnswerMs = Math.max(this.longestAnswerMs, performance.now() - startedAt);
    }
  }
}

/** Repeats while it is doubtful what became of it. */
async function repeated(send, { what, limitMs }) {
  const deadline = Date.now() + limitMs;
  const faults = [];
  for (;;) {
    const answer = await send();
    if (isTaken(answer)) return { text: answer.text, faults };
    const { status, text } = answer;
    const isDoubtful = status === 0 || status >= 500 || status === REQUEST_TOO_SLOW;
    if (!isDoubtful || Date.now() > deadline)
      throw new Error(`${what} was not accepted: ${status} ${text}`);
    faults.push(status === 0 ? text : String(status));
    await pause(AGAIN_AFTER_MS);
  }
}
