// Sends payments as a careful caller does: the reference is the idempotency key, so whatever is not answered is sent again.
import { setTimeout as pause } from 'node:timers/promises';

const ANSWER_LIMIT_MS = 5_000;
const AGAIN_AFTER_MS = 100;
/** 408: on a busy machine a request may take too long to arrive; nothing was accepted. */
const REQUEST_TOO_SLOW = 408;
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

export class Caller {
  #url;
  #headers;
  #sandboxUrl;

  constructor({ apiUrl, sandboxUrl, apiKey }) {
    this.#url = `${apiUrl}/v1/payment-intents`;
    this.#headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
    this.#sandboxUrl = sandboxUrl;
  }

  /** One try: the HTTP status, or the word for why there was none. */
  async try(reference, options = {}) {
    const body = paymentRequest(reference, { sandboxUrl: this.#sandboxUrl, ...options });
    try {
      const response = await fetch(this.#url, {
        method: 'POST',
        headers: this.#headers,
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
      });
      const text = await response.text();
      return { status: response.status, text };
    } catch (error) {
      return { status: 0, text: error.cause?.code ?? error.name };
    }
  }

  /**
   * Sends until it is accepted (200 or 202).
   * @returns {Promise<{ reference: string, faults: string[] }>} how the tries before ended
   * @throws when the api refuses it as a caller's mistake, or does not take it within `limitMs`
   */
  async accept(reference, { limitMs = 60_000, ...options } = {}) {
    const deadline = Date.now() + limitMs;
    const faults = [];
    for (;;) {
      const { status, text } = await this.try(reference, options);
      if (status === 200 || status === 202) return { reference, faults };
      const isDoubtful = status === 0 || status >= 500 || status === REQUEST_TOO_SLOW;
      if (!isDoubtful || Date.now() > deadline)
        throw new Error(`${reference} was not accepted: ${status} ${text}`);
      faults.push(status === 0 ? text : String(status));
      await pause(AGAIN_AFTER_MS);
    }
  }
}
