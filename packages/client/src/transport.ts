// One request to the API: authentication, a deadline for each attempt, and retries. Every operation
// of this client may be repeated: creating a payment or a refund is idempotent by reference, and
// the others read or end in the same state.
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { pause } from './pause.js';
import { errorOf, NoAnswerError, ProblemError } from './problems.js';
import { signatureHeaders } from './request-signing.js';
import type { IntentSigner } from './signed-intents.js';

/** Settings of a client. */
export interface ClientOptions {
  /** Address of the api, for example `https://payments.internal`. */
  readonly baseUrl: string | URL;
  /** A merchant's API key, `qk_…`. */
  readonly apiKey: string;
  /** Ed25519 private key, PEM or KeyObject, for an API key that requires signed requests. */
  readonly signingKey?: string | KeyObject;
  /**
   * The id of that API key, `key_…`. Needed for payments that are signed one by one: batches, jobs.
   */
  readonly signingKeyId?: string;
  /** Limit of one attempt in milliseconds, without the time of a `Prefer: wait`. Default 10,000. */
  readonly timeoutMs?: number;
  /** Attempts after the first one. Default 5. */
  readonly retries?: number;
  /** For tests and proxies. Default: the runtime's own. */
  readonly fetch?: typeof fetch;
}

/** One operation of the API. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
  /** `Prefer: wait`, in seconds. */
  readonly waitSeconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One call whose body and response are NDJSON. `headers` are signed. */
export interface LinesRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Without line ends. */
  readonly lines: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

const TIMEOUT_MS = 10_000;
/** The API waits for the next second where the key has used up its limit. */
const LINE_TIMEOUT_MS = 30_000;
const RETRIES = 5;
const FIRST_PAUSE_MS = 200;
const PAUSE_MAX_MS = 10_000;
/** A server that asks for a longer pause than this is not waited for. */
const RETRY_AFTER_MAX_MS = 60_000;

/** The statuses of a server or a proxy that has not carried out the request, or not yet. */
const RETRIED_STATUSES = new Set([408, 429, 500, 502, 503, 504]);

export class Transport {
  readonly #options: ClientOptions;
  readonly #baseUrl: URL;
  readonly #signingKey: KeyObject | undefined;

  constructor(options: ClientOptions) {
    const { baseUrl, signingKey } = options;
    this.#options = options;
    this.#baseUrl = new URL(baseUrl);
    this.#signingKey = typeof signingKey === 'string' ? createPrivateKey(signingKey) : signingKey;
  }

  /** The signer of single payments; undefined for a key that does not sign. */
  get intentSigner(): IntentSigner | undefined {
    const { signingKeyId: keyId } = this.#options;
    if (this.#signingKey === undefined) return undefined;
    if (keyId === undefined) throw new Error('Set signingKeyId to sign payments one by one.');
    return { keyId, privateKey: this.#signingKey };
  }

  /** Attempts after the first one. */
  get retries(): number {
    return this.#options.retries ?? RETRIES;
  }

  /**
   * The values of an NDJSON response, as they arrive, of one attempt. Rejects with a
   * `ProblemError`, with a `NoAnswerError`, or with the reason of `signal`.
   */
  async *lines<T>({ path, headers, lines, signal }: LinesRequest): AsyncGenerator<T, void> {
    const { fetch: send = fetch } = this.#options;
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), LINE_TIMEOUT_MS);
    const text = lines.map((line) => `${line}\n`).join('');
    const url = new URL(path, this.#baseUrl);
    const contentType = NDJSON;
    const head = { method: 'POST', url, contentType, body: undefined, headers };
    try {
      const response = await send(url, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${this.#options.apiKey}`,
          accept: NDJSON,
          'content-type': NDJSON,
          ...headers,
          ...(this.#signingKey && signatureHeaders(head, this.#signingKey)),
        },
        body: text,
        signal: signal ? AbortSignal.any([signal, limit.signal]) : limit.signal,
      });
      if (!response.ok) throw await errorOf(response);
      for await (const line of linesIn(response)) {
        timer.refresh();
        yield JSON.parse(line) as T;
      }
    } catch (cause) {
      signal?.throwIfAborted();
      if (cause instanceof ProblemError || cause instanceof NoAnswerError) throw cause;
      const reason = limit.signal.aborted ? 'no answer in time' : 'the connection failed';
      throw new NoAnswerError(`POST ${path}: ${reason}`, { cause });
    } finally {
      clearTimeout(timer);
      limit.abort();
    }
  }

  /**
   * The JSON of a 2xx answer. Rejects with a `ProblemError`, with a `NoAnswerError` after the last
   * retry, or with the reason of `signal`.
   */
  async json<T>(request: ApiRequest): Promise<T> {
    const { retries } = this;
    for (let attempt = 0; ; attempt += 1) {
      request.signal?.throwIfAborted();
      const outcome = await this.#attempt(request);
      if ('value' in outcome) return outcome.value as T;
      request.signal?.throwIfAborted();
      const { error, retryAfterMs = 0 } = outcome;
      if (attempt >= retries || !isRetried(error) || retryAfterMs > RETRY_AFTER_MAX_MS) throw error;
      await pause(Math.max(retryAfterMs, backoffMs(attempt)), request.signal);
    }
  }

  async #attempt(
    request: ApiRequest,
  ): Promise<{ value: unknown } | { error: ProblemError | NoAnswerError; retryAfterMs?: number }> {
    const { timeoutMs = TIMEOUT_MS, fetch: send = fetch } = this.#options;
    const limit = AbortSignal.timeout(timeoutMs + (request.waitSeconds ?? 0) * 1_000);
    const signal = request.signal ? AbortSignal.any([request.signal, limit]) : limit;
    // Outside of the try: a request that cannot be written was not sent, and fails as what it is.
    const { url, init } = this.#prepared(request);
    try {
      const response = await send(url, { ...init, signal });
      if (response.ok) return { value: await response.json() };
      const retryAfterMs = Number(response.headers.get('retry-after') ?? 0) * 1_000 || 0;
      return { error: await errorOf(response), retryAfterMs };
    } catch (cause) {
      const reason = limit.aborted ? 'no answer in time' : 'the connection failed';
      return {
        error: new NoAnswerError(`${request.method} ${request.path}: ${reason}`, { cause }),
      };
    }
  }

  /** Signed again for each attempt, because the API accepts a signature once. */
  #prepared({ method, path, query = {}, body, waitSeconds }: ApiRequest) {
    const url = new URL(path, this.#baseUrl);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const text = body === undefined ? undefined : JSON.stringify(body);
    const contentType = text === undefined ? undefined : 'application/json';
    const headers: Record<string, string> = {
      authorization: `Bearer ${this.#options.apiKey}`,
      accept: 'application/json',
      ...(contentType !== undefined && { 'content-type': contentType }),
      ...(waitSeconds !== undefined && { prefer: `wait=${waitSeconds}` }),
      ...(this.#signingKey &&
        signatureHeaders({ method, url, contentType, body: text }, this.#signingKey)),
    };
    return { url, init: { method, headers, ...(text !== undefined && { body: text }) } };
  }
}

const NDJSON = 'application/x-ndjson';

async function* linesIn({ body }: Response): AsyncGenerator<string, void> {
  let rest = '';
  const decoder = new TextDecoder();
  for await (const chunk of body ?? []) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}

/** True for an error after which the same request may succeed. */
export function isRetried(error: ProblemError | NoAnswerError): boolean {
  if (error.code === 'signature_replayed') return true;
  return error.status === undefined || RETRIED_STATUSES.has(error.status);
}

/** Doubles with each attempt, and is shortened at random so that clients spread out. */
export function backoffMs(attempt: number): number {
  const longest = Math.min(PAUSE_MAX_MS, FIRST_PAUSE_MS * 2 ** attempt);
  return longest * (0.5 + Math.random() / 2);
}
