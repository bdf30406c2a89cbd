// One HTTP exchange with the gateway over a connection of its own. When it fails, only one question
// matters: can a byte have left? The connection is opened first, and the request is then written to
// it in one go. A failure before that write proves that nothing was sent, without a guess from
// error codes; after a later failure the request may have arrived. The connection carries no other
// request, so a reply on it is the reply to this one.
import { type IncomingMessage, request as httpRequest } from 'node:http';
import type { Socket } from 'node:net';
import { textOfBytes } from '@quittance/gateway-protocol';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';

/** The result of an exchange. `reason` is a stable word, never a body or an address. */
export type Exchange =
  | { readonly kind: 'replied'; readonly httpStatus: number; readonly body: string }
  | { readonly kind: 'notSent'; readonly reason: string }
  | { readonly kind: 'noReply'; readonly reason: string };

/** One HTTP request to the gateway. */
export interface ExchangeRequest {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** Limits the whole exchange, from the call to the reply's last byte, in milliseconds. */
  readonly timeoutMs: number;
  /** Called right before the first byte; false forbids it to leave. */
  readonly mayStart?: () => boolean;
}

/**
 * Opens a new connection for an exchange. Rejects with an error that has a `code` when that fails
 * or `signal` aborts.
 */
export interface Connector {
  open(origin: URL, signal: AbortSignal): Promise<Socket>;
}

/** Longest reply that is read. The gateway's replies are below 4 KiB. */
const REPLY_BYTES_MAX = 256 * 1024;

/**
 * The status of replies that name their transaction. Error replies contain nothing that shows to
 * which request they belong.
 */
const HTTP_OK = 200;
/**
 * Event-loop turns for which a new connection must stay silent. A server that sends data before the
 * request does so when it accepts; the data then arrives within a turn or two.
 */
const QUIET_TURNS = 4;
/**
 * The time for which a second reply may follow an error, if the server keeps the connection open.
 */
const SECOND_REPLY_WITHIN_MS = 1_000;
/** Without a reason, each exchange would pay for an error with a stack, which nothing reads. */
const ENDED = 'exchange ended';
const EMPTY_LINE: ReadonlySet<number> = new Set(Buffer.from('\r\n'));

/**
 * Sends `request` over a connection that `connector` opens for it, and closes the connection
 * afterwards. Never rejects.
 */
export function exchange(connector: Connector, request: ExchangeRequest): Promise<Exchange> {
  return new Promise((resolve) => void new ExchangeRun(request, resolve).run(connector));
}

class ExchangeRun {
  readonly #request: ExchangeRequest;
  readonly #resolve: (exchange: Exchange) => void;
  readonly #deadline: NodeJS.Timeout;
  readonly #end = new AbortController();
  #wasStarted = false;

  constructor(request: ExchangeRequest, resolve: (exchange: Exchange) => void) {
    this.#request = request;
    this.#resolve = resolve;
    this.#deadline = setTimeout(() => this.#fail('timeout'), request.timeoutMs);
  }

  async run(connector: Connector): Promise<void> {
    const { signal } = this.#end;
    try {
      const origin = new URL(this.#request.origin);
      const socket = await connector.open(origin, signal);
      signal.addEventListener('abort', () => socket.destroy());
      const fault = await faultBeforeRequest(socket);
      if (fault !== undefined) this.#fail(fault);
      else this.#start(socket, origin);
    } catch (error) {
      this.#fail(reasonOf(error));
    }
  }

  #start(socket: Socket, { host }: URL): void {
    const { method, path, headers, body, mayStart } = this.#request;
    if (this.#end.signal.aborted) return;
    if (mayStart?.() === false) return this.#fail('start_refused');
    // Set before the call that writes: even if that call throws, bytes may have left.
    this.#wasStarted = true;
    const length = body === null ? {} : { 'content-length': Buffer.byteLength(body) };
    const outgoing = httpRequest({
      // Without an agent no other request can use the connection, and the request sends
      // `connection: close`.
      createConnection: () => socket,
      method,
      path,
      headers: { host, 'accept-encoding': 'identity', ...headers, ...length },
    });
    let reply: IncomingMessage | undefined;
    // A fault of the connection after a complete reply does not invalidate the reply.
    const failWithoutReply = (reason: string): void => {
      if (reply?.complete !== true) this.#fail(reason);
    };
    outgoing.on('error', (error) => failWithoutReply(reasonOf(error)));
    outgoing.once('close', () => failWithoutReply('connection_closed'));
    outgoing.once('response', (response) => {
      reply = response;
      void this.#read(response, { socket, isSent: () => outgoing.writableFinished });
    });
    outgoing.end(body);
  }

  /** Reads the reply. A reply that arrives before the whole request has left is not its reply. */
  async #read(
    reply: IncomingMessage,
    { socket, isSent }: { readonly socket: Socket; readonly isSent: () => boolean },
  ): Promise<void> {
    reply.on('error', (error) => this.#fail(reasonOf(error)));
    const isOnly = reply.statusCode === HTTP_OK ? undefined : isOnlyReply(reply, socket);
    // TLS reports a write as finished up to two turns after the peer may have received it.
    await eventLoopTurns(2);
    if (!isSent()) return this.#fail('reply_before_request');
    if ((await isOnly) === false) return this.#fail('several_replies');
    const chunks: Buffer[] = [];
    let size = 0;
    reply.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > REPLY_BYTES_MAX) this.#fail('reply_too_large');
      else chunks.push(chunk);
    });
    reply.once('end', () => this.#take(reply, Buffer.concat(chunks)));
  }

  #take({ complete, statusCode = 0, headers }: IncomingMessage, bytes: Buffer): void {
    if (!complete) return this.#fail('reply_cut_off');
    const content = decompressed(bytes, headers['content-encoding'], REPLY_BYTES_MAX);
    if (!content) return this.#fail('reply_not_decodable');
    const body = textOfBytes(content, headers['content-type']);
    this.#settle({ kind: 'replied', httpStatus: statusCode, body });
  }

  /** Ends the exchange without a reply. */
  #fail(reason: string): void {
    this.#settle({ kind: this.#wasStarted ? 'noReply' : 'notSent', reason });
  }

  #settle(result: Exchange): void {
    if (this.#end.signal.aborted) return;
    clearTimeout(this.#deadline);
    this.#resolve(result);
    this.#end.abort(ENDED);
  }
}

/**
 * Resolves with the reason not to use a new connection: it was closed, or the server sent data that
 * could be mistaken for the reply. Resolves with `undefined` when the connection is silent.
 */
async function faultBeforeRequest(socket: Socket): Promise<string | undefined> {
  let isQuiet = true;
  const note = (): void => void (isQuiet = false);
  socket.on('readable', note);
  await eventLoopTurns(QUIET_TURNS);
  socket.off('readable', note);
  if (isQuiet && !socket.destroyed) return undefined;
  return socket.readableLength > 0 ? 'gateway_spoke_first' : 'connection_closed';
}

/**
 * Resolves with true when the reply is the only one on the connection, with false when anything but
 * an empty line follows it. The server must close the connection after its reply, as the request
 * demands (RFC 9112 §9.6); if it does not, silence for {@link SECOND_REPLY_WITHIN_MS} suffices.
 */
function isOnlyReply(reply: IncomingMessage, socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(true), SECOND_REPLY_WITHIN_MS);
    const settle = (isOnly: boolean): void => {
      clearTimeout(timer);
      resolve(isOnly);
    };
    // Runs before Node's own listener, so that the reply is still incomplete when the bytes that
    // complete it arrive.
    socket.prependListener('data', (bytes: Buffer) => {
      if (reply.complete && !bytes.every((byte) => EMPTY_LINE.has(byte))) settle(false);
    });
    socket.once('end', () => settle(true));
    // If more follows in the same chunk, Node closes the connection without an error of the socket.
    socket.once('close', (hadError) => settle(hadError));
  });
}

/** Waits for event-loop turns, after which everything that has already arrived is known. */
async function eventLoopTurns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/**
 * Returns the error's code in lower case, e.g. `econnrefused`. Unlike the message, a code contains
 * no address.
 */
function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? code.toLowerCase() : 'connection_failed';
}

const DECODERS: Readonly<Record<string, typeof gunzipSync>> = {
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
};

/**
 * Decodes a body with the one coding that `contentEncoding` names (RFC 9110 §8.4). Returns
 * `undefined` when the coding is unknown, the bytes are malformed, or the result exceeds
 * `bytesMax`.
 */
function decompressed(
  bytes: Buffer,
  contentEncoding: string | undefined,
  bytesMax: number,
): Buffer | undefined {
  const coding = (contentEncoding ?? '').trim().toLowerCase();
  if (coding === '' || coding === 'identity') return bytes;
  const decode = Object.hasOwn(DECODERS, coding) ? DECODERS[coding] : undefined;
  try {
    return decode?.(bytes, { maxOutputLength: bytesMax });
  } catch {
    return undefined;
  }
}
