// What the demo talks to: the public API and the order domain as a merchant does, and the sandbox's own paths.
import { setTimeout as pause } from 'node:timers/promises';

const WAIT_SECONDS = 5;
const STATUS_LIMIT_MS = 30_000;
const ORDERS_LIMIT_MS = 20_000;
const POLL_MS = 50;

async function readJson(response, what) {
  const text = await response.text();
  if (!response.ok) throw new Error(`${what}: ${response.status} ${text}`);
  return JSON.parse(text);
}

/** The public API, with a merchant's key. */
export class PaymentsApi {
  #url;
  #headers;

  constructor(url, apiKey) {
    this.#url = `${url}/v1/payment-intents`;
    this.#headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
  }

  /** @returns {Promise<{ httpStatus: number, replayed: boolean, payment: object }>} */
  async create(request) {
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: this.#headers,
      body: JSON.stringify(request),
    });
    const payment = await readJson(response, 'create');
    const replayed = response.headers.get('idempotent-replayed') === 'true';
    return { httpStatus: response.status, replayed, payment };
  }

  /** Asks for a refund, of everything where `amount` is null, and waits until the gateway has answered. */
  async refund(id, { reference, amount }) {
    const response = await fetch(`${this.#url}/${id}/refunds`, {
      method: 'POST',
      headers: { ...this.#headers, prefer: `wait=${WAIT_SECONDS}` },
      body: JSON.stringify({ reference, ...(amount !== null && { amount }) }),
    });
    return readJson(response, 'refund');
  }

  async get(id, newerThan) {
    const newer = newerThan === undefined ? '' : `?version=${newerThan}`;
    const headers = newer ? { ...this.#headers, prefer: `wait=${WAIT_SECONDS}` } : this.#headers;
    return readJson(await fetch(`${this.#url}/${id}${newer}`, { headers }), 'get');
  }

  /** The payment once `isReached` holds for it; an Error that tells where it stopped when it does not in time. */
  async until(id, isReached, what) {
    const deadline = Date.now() + STATUS_LIMIT_MS;
    let payment = await this.get(id);
    while (!isReached(payment)) {
      if (Date.now() > deadline) throw new Error(`stayed ${payment.status}, never ${what}`);
      payment = await this.get(id, payment.version);
    }
    return payment;
  }
}

/** The reference order domain. */
export class Orders {
  #url;

  constructor(url) {
    this.#url = url;
  }

  /** The order once the order domain has heard event number `sequence` of its payment. */
  async until(reference, sequence) {
    const deadline = Date.now() + ORDERS_LIMIT_MS;
    for (;;) {
      const response = await fetch(`${this.#url}/orders/${encodeURIComponent(reference)}`);
      const order = response.ok ? await response.json() : undefined;
      if (order !== undefined && order.sequence >= sequence) return order;
      if (Date.now() > deadline) {
        throw new Error(`the order domain has heard ${order?.payment_status ?? 'nothing'} so far`);
      }
      if (!response.ok) await response.body?.cancel();
      await pause(POLL_MS);
    }
  }
}

/** The sandbox's own paths (api.md). */
export class Sandbox {
  #url;

  constructor(url) {
    this.#url = `${url}/sandbox`;
  }

  async #post(path, body) {
    const headers = { 'content-type': 'application/json' };
    const options = { method: 'POST', headers, body: JSON.stringify(body) };
    return readJson(await fetch(`${this.#url}/${path}`, options), path);
  }

  /** Where a payer's browser is sent back to. */
  get returnUrl() {
    return `${this.#url}/return`;
  }

  /** The acquirer decides: moves the transaction and sends the callback. */
  settle(transID, orderStatus) {
    return this.#post('settle', { transID, order_status: orderStatus });
  }

  /** The gateway's back office completes the refund that was asked for. */
  async completeRefund(transID) {
    const response = await fetch(new URL('/api/transactions/refund-accept', this.#url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ transID }),
    });
    return readJson(response, 'refund-accept');
  }

  /** Scripts what happens to the next matching requests. */
  fault(fault) {
    return this.#post('faults', fault);
  }

  /** The gateway's own book of a reference. */
  async ledger(reference) {
    const response = await fetch(`${this.#url}/ledger?reference=${encodeURIComponent(reference)}`);
    return readJson(response, 'ledger');
  }
}
