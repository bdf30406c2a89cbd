// Scripts the simulated gateway (api.md "The sandbox's own paths").
import { until } from './waiting.mjs';

const LIMIT_MS = 10_000;

/** `fetch` fails with a TypeError when there was no answer; under Jest it is the TypeError of another realm. */
function onlyIfAway(error) {
  if (error.name !== 'TypeError') throw error;
}

export class SandboxControl {
  #url;

  constructor(url) {
    this.#url = `${url}/sandbox`;
  }

  /** What the gateway does wrong with the next matching requests or callbacks. */
  fault(script) {
    return this.#send('POST', 'faults', script);
  }

  clearFaults() {
    return this.#send('DELETE', 'faults');
  }

  /** What the acquirer says of a payment now, and what it says later by itself. */
  acquirer(script) {
    return this.#send('POST', 'acquirer', script);
  }

  /** The acquirer's next word on a payment. */
  settle(transID, orderStatus) {
    return this.#send('POST', 'settle', { transID, order_status: orderStatus });
  }

  /** People at the gateway write another code into a payment's record, which sends no callback (protocol §5.3). */
  edit(transID, orderStatus) {
    const path = `../api/transactions/update/${transID}`;
    return this.#send('PUT', path, { order_status: Number(orderStatus) });
  }

  /** Has the gateway post `data` to the payment's webhook, as it does for anybody (protocol §0, §6.2). */
  forge(transID, data) {
    return this.#send('POST', '../api/transactions/webhook/send', {
      transID,
      data: JSON.stringify(data),
    });
  }

  /** People at the gateway complete the refund that was asked for (protocol §8). */
  async completeRefund(reference) {
    const { data } = await this.ledger(reference);
    const body = { transID: data.find((row) => row.parent_transID === null)?.transID };
    return this.#send('POST', '../api/transactions/refund-accept', body);
  }

  ledger(reference) {
    return this.#send('GET', `ledger?reference=${encodeURIComponent(reference)}`);
  }

  /** While its port is closed by a script of ours, the control paths are away too. */
  async #send(method, path, body) {
    let answer;
    const tried = async () => (answer = await this.#try(method, path, body).catch(onlyIfAway));
    await until(tried, { what: `sandbox ${path}`, limitMs: LIMIT_MS });
    return answer;
  }

  async #try(method, path, body) {
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
