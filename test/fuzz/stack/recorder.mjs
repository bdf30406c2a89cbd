// Stands where the gateway believes our webhook app to be: notes every real callback, and hands it on or keeps it to itself.
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';

export class Recorder {
  #server;
  #target;
  #withheld = new Set();
  #noted = new Map();

  static async start() {
    const recorder = new Recorder();
    recorder.#server = createServer((request, response) => void recorder.#take(request, response));
    await new Promise((resolve) => recorder.#server.listen(0, '127.0.0.1', resolve));
    return recorder;
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  /** From now on callbacks are handed on to this base URL. */
  leadTo(url) {
    this.#target = url;
  }

  /** Notes the callbacks of a payment without handing them on. */
  withhold(paymentId) {
    this.#withheld.add(paymentId);
  }

  /** The last callback of a payment: `{ path, contentType, body }`; undefined while there is none. */
  of(paymentId) {
    return this.#noted.get(paymentId);
  }

  close() {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(resolve));
  }

  async #take(request, response) {
    const body = await buffer(request);
    const contentType = request.headers['content-type'];
    const [, paymentId] = /^\/callbacks\/(pi_[0-9a-z]+)\./.exec(request.url) ?? [];
    this.#noted.set(paymentId, { path: request.url, contentType, body });
    const status = this.#withheld.has(paymentId)
      ? 200
      : await this.#handOn(request.url, { contentType, body });
    response.writeHead(status, { 'content-type': 'application/json' }).end('{"received":true}');
  }

  async #handOn(path, { contentType, body }) {
    const headers = contentType === undefined ? {} : { 'content-type': contentType };
    const answer = await fetch(this.#target + path, { method: 'POST', headers, body }).catch(
      () => undefined,
    );
    return answer?.status ?? 503;
  }
}
