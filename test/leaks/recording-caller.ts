// Calls a stack as merchants and gateways do and records every response, because a response may
// show a card.
import { paymentRequest } from '../chaos/payments.js';
import { SandboxControl } from '../chaos/sandbox-control.js';
import type { ChaosStack } from '../chaos/stack/chaos-stack.js';
import { until } from '../chaos/waiting.js';
import type { CanaryCard } from './canaries.js';
import type { Artifact } from './search.js';

const LEAVES_WITHIN_MS = 60_000;
/** So many payments are awaited at once that looking more often would slow them down. */
const EVERY_MS = 200;
const ON_THE_WAY = ['queued', 'submitting'];

export const PAYMENTS_PATH = '/v1/payment-intents';

/** One terminal per protocol and callback mode. */
export const TERMINALS = ['main', 'plain', 'enc-plain-cb', 'plain-enc-cb'];

/** A request; a body that is no text is sent as JSON. */
export interface RequestOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly app?: 'api' | 'webhook';
}

/** A payment as the api shows it, in part. */
export interface ShownPayment {
  readonly id: string;
  readonly reference: string;
  readonly status: string;
  readonly gateway: { readonly trans_id: string };
}

/** A card as a request contains it. */
export function cardFields({ number, cvv }: CanaryCard) {
  return { number, cvv, exp_month: '01', exp_year: '30' };
}

/** A caller of the api with the stack's key. */
export class RecordingCaller {
  readonly stack: ChaosStack;
  readonly sandbox: SandboxControl;
  /** Every response so far. */
  readonly responses: Artifact[] = [];

  constructor(stack: ChaosStack) {
    this.stack = stack;
    this.sandbox = new SandboxControl(stack.urls.sandbox);
  }

  record(name: string, text: string): void {
    this.responses.push({ name, bytes: Buffer.from(text) });
  }

  async send(
    method: string,
    path: string,
    { body, headers = {}, app = 'api' }: RequestOptions = {},
  ): Promise<{ status: number; text: string }> {
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
    this.record(`answer of ${app} to ${method} ${path}`, head + text);
    return { status: response.status, text };
  }

  /** Sends requests one after another; resolves with their HTTP statuses. */
  async statusesOf(
    requests: readonly (readonly [method: string, path: string, options?: RequestOptions])[],
  ): Promise<number[]> {
    const statuses: number[] = [];
    for (const request of requests) statuses.push((await this.send(...request)).status);
    return statuses;
  }

  /** The body of a create request. */
  request(reference: string, card: CanaryCard, more: object = {}) {
    const sandboxUrl = this.stack.urls.sandbox;
    return { ...paymentRequest(reference, { sandboxUrl }), card: cardFields(card), ...more };
  }

  create(reference: string, card: CanaryCard, more?: object, headers = {}) {
    return this.send('POST', PAYMENTS_PATH, {
      body: this.request(reference, card, more),
      headers,
    });
  }

  /** The payment with a reference; undefined while there is none. */
  async find(reference: string): Promise<ShownPayment | undefined> {
    const { text } = await this.send('GET', `${PAYMENTS_PATH}?reference=${reference}`);
    return (JSON.parse(text) as { data: ShownPayment[] }).data[0];
  }

  /** The payment with a reference, which has been accepted. */
  async payment(reference: string): Promise<ShownPayment> {
    const payment = await this.find(reference);
    if (payment === undefined) throw new Error(`there is no payment ${reference}`);
    return payment;
  }

  /** The status once the payment has left the worker's hands, or is the one in which it `ends`. */
  settled(reference: string, ends?: string): Promise<string> {
    const look = async () => {
      const status = (await this.find(reference))?.status;
      if (status === undefined) return undefined;
      const isThere = ends === undefined ? !ON_THE_WAY.includes(status) : status === ends;
      return isThere && status;
    };
    return this.wait(look, `${reference} is ${ends ?? 'submitted'}`);
  }

  /** Waits for an event that takes seconds. */
  wait<T>(look: () => Promise<T>, what: string) {
    return until(look, { what, limitMs: LEAVES_WITHIN_MS, everyMs: EVERY_MS });
  }
}
