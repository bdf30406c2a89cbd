// One HTTP exchange with the gateway, and the only question that matters when it fails: can a byte have left?
// undici announces a request right before it writes the first byte (`onRequestStart`). What fails before that was never
// sent, by proof and not by guessing from error codes; what fails after it may have arrived.
import type { Dispatcher } from 'undici';

/** What became of the exchange. `reason` is a stable word, never a body or an address. */
export type Exchange =
  | { readonly kind: 'replied'; readonly httpStatus: number; readonly body: string }
  | { readonly kind: 'notSent'; readonly reason: string }
  | { readonly kind: 'noReply'; readonly reason: string };

export interface ExchangeRequest {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** For the whole exchange, from now to the reply's last byte. */
  readonly timeoutMs: number;
  /** Asked right before the first byte; false means that it must not leave any more. */
  readonly mayStart?: () => boolean;
}

/** The gateway's replies are below 4 KiB; a larger one is not read to its end. */
const REPLY_BYTES_MAX = 256 * 1024;

/** Sends `request` through `dispatcher`. Never rejects. */
export function exchange(dispatcher: Dispatcher, request: ExchangeRequest): Promise<Exchange> {
  return new Promise((resolve) => {
    const handler = new ExchangeHandler(request, resolve);
    const { origin, method, path, headers, body } = request;
    try {
      dispatcher.dispatch(
        { origin, method, path, headers, body, headersTimeout: 0, bodyTimeout: 0 },
        handler,
      );
    } catch {
      handler.fail('dispatch_failed');
    }
  });
}

class ExchangeHandler implements Dispatcher.DispatchHandler {
  readonly #request: ExchangeRequest;
  readonly #resolve: (exchange: Exchange) => void;
  readonly #deadline: NodeJS.Timeout;
  readonly #chunks: Buffer[] = [];
  #controller: Dispatcher.DispatchController | undefined;
  #wasStarted = false;
  #isSettled = false;
  #httpStatus = 0;
  #size = 0;

  constructor(request: ExchangeRequest, resolve: (exchange: Exchange) => void) {
    this.#request = request;
    this.#resolve = resolve;
    this.#deadline = setTimeout(() => this.#giveUp('timeout'), request.timeoutMs);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // Settled: the deadline passed while the request waited for a connection. Aborting here keeps it from being written.
    if (this.#isSettled || this.#request.mayStart?.() === false) {
      this.#giveUp('start_refused');
      return;
    }
    this.#wasStarted = true;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, statusCode: number): void {
    this.#httpStatus = statusCode;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size > REPLY_BYTES_MAX) this.#giveUp('reply_too_large');
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const body = Buffer.concat(this.#chunks).toString('utf8');
    this.#settle({ kind: 'replied', httpStatus: this.#httpStatus, body });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.fail(reasonOf(error));
  }

  /** Ends the exchange without a reply. */
  fail(reason: string): void {
    this.#settle({ kind: this.#wasStarted ? 'noReply' : 'notSent', reason });
  }

  #giveUp(reason: string): void {
    this.fail(reason);
    this.#controller?.abort(new Error(reason));
  }

  #settle(result: Exchange): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    clearTimeout(this.#deadline);
    this.#resolve(result);
  }
}

/** `ECONNREFUSED` → `econnrefused`. A code names the fault without the address that a message would hold. */
function reasonOf(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? code.toLowerCase() : 'connection_failed';
}
