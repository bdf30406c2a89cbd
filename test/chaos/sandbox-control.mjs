// Scripts the simulated gateway (api.md "The sandbox's own paths").
const LIMIT_MS = 10_000;

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

  async #send(method, path, body) {
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
