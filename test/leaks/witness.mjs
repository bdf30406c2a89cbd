// Asks a stack for payments as a caller does and keeps every answer, because an answer is a place where a card may show.
import { SandboxControl } from '../chaos/sandbox-control.ts';
import { paymentRequest } from '../chaos/payments.ts';
import { until } from '../chaos/waiting.ts';

const LEAVES_WITHIN_MS = 60_000;
/** So many payments are waited for at once that looking more often would slow down what is waited for. */
const EVERY_MS = 200;
const ON_THE_WAY = ['queued', 'submitting'];

/** One terminal per protocol and callback mode. */
export const TERMINALS = ['main', 'plain', 'enc-plain-cb', 'plain-enc-cb'];

/** A card as a request holds it. */
export function wire({ number, cvv }) {
  return { number, cvv, exp_month: '01', exp_year: '30' };
}

export class Witness {
  /** Every answer so far, as a {@link import('./search.mjs').Place}. */
  answers = [];

  /** @param {import('../chaos/stack/chaos-stack.ts').ChaosStack} stack */
  constructor(stack) {
    this.stack = stack;
    this.sandbox = new SandboxControl(stack.urls.sandbox);
  }

  /** Adds bytes that somebody was shown. */
  keep(name, text) {
    this.answers.push({ name, bytes: Buffer.from(text) });
  }

  /**
   * One request, to the api with its key unless said otherwise. A body that is no text is sent as JSON.
   * @returns {Promise<{ status: number, text: string }>}
   */
  async ask(method, path, { body, headers = {}, app = 'api' } = {}) {
    const response = await fetch(this.stack.urls[app] + path, {
      method,
      headers: {
        ...(app === 'api' && { authorization: `Bearer ${this.stack.apiKey}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const head = JSON.stringify([...response.headers]);
    this.keep(`answer of ${app} to ${method} ${path}`, head + text);
    return { status: response.status, text };
  }

  /** The body of a create request. */
  request(reference, card, more = {}) {
    const sandboxUrl = this.stack.urls.sandbox;
    return { ...paymentRequest(reference, { sandboxUrl }), card: wire(card), ...more };
  }

  create(reference, card, more, headers) {
    return this.ask('POST', '/v1/payment-intents', {
      body: this.request(reference, card, more),
      ...(headers && { headers }),
    });
  }

  /** The payment of a reference as the api shows it; undefined while there is none. */
  async payment(reference) {
    const { text } = await this.ask('GET', `/v1/payment-intents?reference=${reference}`);
    return JSON.parse(text).data[0];
  }

  /** The status once the payment has left the worker's hands, and has come to where it `ends`. */
  async settled(reference, ends) {
    const look = async () => {
      const { status } = (await this.payment(reference)) ?? {};
      const isThere = ends === undefined ? !ON_THE_WAY.includes(status) : status === ends;
      return status !== undefined && isThere ? status : undefined;
    };
    return this.wait(look, `${reference} is ${ends ?? 'handed over'}`);
  }

  /** Waits for something that takes seconds. */
  wait(look, what) {
    return until(look, { what, limitMs: LEAVES_WITHIN_MS, everyMs: EVERY_MS });
  }
}
