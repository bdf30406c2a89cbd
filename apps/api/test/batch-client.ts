// A caller of batches that sends and reads at its own pace.
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { RequestBody } from './a-request.js';

/** One line of a response. */
export interface Outcome {
  readonly line?: number;
  readonly status: number;
  readonly idempotent_replayed?: true;
  readonly payment_intent?: RequestBody;
  readonly problem?: { readonly code: string; readonly detail: string; readonly errors?: unknown };
}

/** The response so far; `isWhole` once its end has been received. */
export interface BatchAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly outcomes: readonly Outcome[];
  readonly isWhole: boolean;
}

/** One call whose body is sent piece by piece. */
export class BatchCaller {
  readonly #request: ClientRequest;
  #text = '';
  #response: IncomingMessage | undefined;
  #isWhole = false;
  #isReading = true;
  /** Resolves when the connection or the response has ended. */
  readonly ended: Promise<void>;

  constructor(url: string, key: string, headers: Readonly<Record<string, string>> = {}) {
    this.#request = request(`${url}/v1/payment-intents/batch`, {
      agent: false,
      method: 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/x-ndjson',
        ...headers,
      },
    });
    this.ended = new Promise((resolve) => {
      this.#request.on('error', () => resolve());
      this.#request.on('response', (response) => {
        this.#response = response;
        if (!this.#isReading) response.pause();
        response.setEncoding('utf8');
        response.on('data', (text: string) => (this.#text += text));
        response.on('end', () => (this.#isWhole = response.complete));
        response.on('error', () => resolve());
        response.on('close', () => resolve());
      });
    });
    this.#request.flushHeaders();
  }

  /** Sends lines, or raw bytes as they are. */
  send(...lines: readonly (RequestBody | Buffer | string)[]): this {
    for (const line of lines) {
      const isRaw = Buffer.isBuffer(line) || typeof line === 'string';
      this.#request.write(isRaw ? line : `${JSON.stringify(line)}\n`);
    }
    return this;
  }

  /** Ends the body. */
  end(): this {
    this.#request.end();
    return this;
  }

  /** Stops reading. Call it before the response. */
  stopReading(): void {
    this.#isReading = false;
  }

  disconnect(): void {
    this.#request.destroy();
  }

  /** True while more can be sent without filling memory. */
  get takesMore(): boolean {
    return !this.#request.writableNeedDrain;
  }

  get answer(): BatchAnswer {
    const lines = this.#text.split('\n').slice(0, -1);
    return {
      status: this.#response?.statusCode ?? 0,
      headers: this.#response?.headers ?? {},
      outcomes: lines.map((line) => JSON.parse(line) as Outcome),
      isWhole: this.#isWhole,
    };
  }

  /** Ends the body and resolves with the whole response. */
  async whole(): Promise<BatchAnswer> {
    this.end();
    await this.ended;
    return this.answer;
  }
}
