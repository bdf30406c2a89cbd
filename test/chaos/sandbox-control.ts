// Scripts the simulated gateway (api.md, "The sandbox's own paths").
import { until } from './waiting.js';

const LIMIT_MS = 10_000;

/** A payment or a refund in the gateway's book. */
export interface LedgerRow {
  readonly transID: string;
  readonly parent_transID: string | null;
  readonly order_status: string;
  readonly charged: boolean;
  readonly refund_requests: number;
}

/** The gateway's book about one reference: its rows, and the requests that reached the gateway. */
export interface Ledger {
  readonly data: readonly LedgerRow[];
  readonly received: readonly { readonly could_charge: boolean }[];
}

/** Which requests a script is for. */
export interface Match {
  readonly reference?: string;
  readonly reference_prefix?: string;
  readonly path?: string;
}

/** A fault of the gateway, or a script of its acquirer; the other fields depend on its kind. */
export interface Script {
  readonly match?: Match;
  readonly [field: string]: unknown;
}

/**
 * `fetch` fails with a TypeError when there was no answer; under Jest it is the TypeError of
 * another realm.
 */
function onlyIfAway(error: Error): undefined {
  if (error.name !== 'TypeError') throw error;
}

/** The control paths of one sandbox. While a script keeps its port closed, they are away too. */
export class SandboxControl {
  readonly #url: string;

  constructor(url: string) {
    this.#url = `${url}/sandbox`;
  }

  /** Makes the gateway fail in one way with the next matching requests or callbacks. */
  fault(script: Script): Promise<unknown> {
    return this.#send('POST', 'faults', script);
  }

  clearFaults(): Promise<unknown> {
    return this.#send('DELETE', 'faults');
  }

  /** Sets the acquirer's reply about a payment, and its later settlement. */
  acquirer(script: Script): Promise<unknown> {
    return this.#send('POST', 'acquirer', script);
  }

  /** Settles a payment with another code of the acquirer. */
  settle(transID: string, orderStatus: string): Promise<unknown> {
    return this.#send('POST', 'settle', { transID, order_status: orderStatus });
  }

  /**
   * Writes another code into a payment's record, as the gateway's back office does. No callback
   * follows (protocol §5.3).
   */
  edit(transID: string, orderStatus: string): Promise<unknown> {
    const path = `../api/transactions/update/${transID}`;
    return this.#send('PUT', path, { order_status: Number(orderStatus) });
  }

  /**
   * Has the gateway post `data` to the payment's webhook, as it does for any caller (protocol §0,
   * §6.2).
   */
  forge(transID: string, data: object): Promise<unknown> {
    const body = { transID, data: JSON.stringify(data) };
    return this.#send('POST', '../api/transactions/webhook/send', body);
  }

  /** Completes the refund of a payment, as the gateway's back office does (protocol §8). */
  async completeRefund(reference: string): Promise<unknown> {
    const { data } = await this.ledger(reference);
    const body = { transID: data.find((row) => row.parent_transID === null)?.transID };
    return this.#send('POST', '../api/transactions/refund-accept', body);
  }

  ledger(reference: string): Promise<Ledger> {
    const path = `ledger?reference=${encodeURIComponent(reference)}`;
    return this.#send('GET', path) as Promise<Ledger>;
  }

  async #send(method: string, path: string, body?: object): Promise<unknown> {
    const attempt = () => this.#attempt(method, path, body).catch(onlyIfAway);
    return until(attempt, { what: `sandbox ${path}`, limitMs: LIMIT_MS });
  }

  async #attempt(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(`${this.#url}/${path}`, {
      method,
      ...(body && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`sandbox ${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  }
}
