// One HTTP exchange with the gateway over a connection of its own, and the only question that
// matters when it fails: can a byte have left? The connection is opened first, and the request is
// written to it in one go. What fails before that was never sent, by proof and not by guessing from
// error codes; what fails after it may have arrived. Nothing else is ever asked over the
// connection, so that an answer on it is the answer to this request.
import { type IncomingMessage, request as httpRequest } from 'node:http';
import type { Socket } from 'node:net';
import { textOfBytes } from '@quittance/gateway-protocol';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';

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

/**
 * Opens a connection of its own for an exchange; rejects with a `code` when there is none, or when
 * `signal` gave it up.
 */
export interface Connector {
  open(origin: URL, signal: AbortSignal): Promise<Socket>;
}

/** The gateway's replies are below 4 KiB; a larger one is not read to its end. */
const REPLY_BYTES_MAX = 256 * 1024;

/**
 * Replies of this status name the transaction that they are about; refusals name nothing by which
 * they could be told from another's.
 */
const NAMED = 200;
/**
 * A server that speaks before it is asked does so when it accepts; on the way here that takes a
 * turn or two.
 */
const QUIET_TURNS = 4;
/**
 * How long another reply is listened for behind a refusal, where the server does not end the
 * connection.
 */
const ANOTHER_WITHIN_MS = 1_000;
const EMPTY_LINE: ReadonlySet<number> = new Set(Buffer.from('\r\n'));

/**
 * Sends `request` over a connection that `connector` opens for it and that ends with it. Never
 * rejects.
 */
export function exchange(connector: Connector, request: ExchangeRequest): Promise<Exchange> {
  return new Promise((resolve) => void new OneExchange(request, resolve).run(connector));
}

class OneExchange {
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
      const utterance = await unasked(socket);
      if (utterance !== undefined) this.#fail(utterance);
      else this.#start(socket, origin);
    } catch (error) {
      this.#fail(reasonOf(error));
    }
  }

  #start(socket: Socket, { host }: URL): void {
    const { method, path, headers, body, mayStart } = this.#request;
    if (this.#end.signal.aborted) return;
    if (mayStart?.() === false) return this.#fail('start_refused');
    // Before the call that writes: whatever it throws or leads to, bytes may be gone.
    this.#wasStarted = true;
    const length = body === null ? {} : { 'content-length': Buffer.byteLength(body) };
    const outgoing = httpRequest({
      // Without an agent no other request can ever get the connection, and the request says
      // `connection: close`.
      createConnection: () => socket,
      method,
      path,
      headers: { host, 'accept-encoding': 'identity', ...headers, ...length },
    });
    let reply: IncomingMessage | undefined;
    // What happens to the connection behind a complete reply takes nothing away from it.
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

  /**
   * Reads the reply, if it can be one: what comes before the request has left in full answers
   * something else.
   */
  async #read(
    reply: IncomingMessage,
    { socket, isSent }: { readonly socket: Socket; readonly isSent: () => boolean },
  ): Promise<void> {
    reply.on('error', (error) => this.#fail(reasonOf(error)));
    const isOnly = reply.statusCode === NAMED ? undefined : isTheOnlyOne(reply, socket);
    // TLS reports a write as done up to two turns after the peer may have had it.
    await turnsOfTheLoop(2);
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
    this.#end.abort();
  }
}

/**
 * What a connection that nothing was asked over has said or done by itself, as the reason not to
 * use it: its words could be taken for an answer. Undefined when it is quiet, as it has to be.
 */
async function unasked(socket: Socket): Promise<string | undefined> {
  let isQuiet = true;
  const note = (): void => void (isQuiet = false);
  socket.on('readable', note);
  await turnsOfTheLoop(QUIET_TURNS);
  socket.off('readable', note);
  if (isQuiet && !socket.destroyed) return undefined;
  return socket.readableLength > 0 ? 'gateway_spoke_first' : 'connection_closed';
}

/**
 * Whether a reply that has begun stays the only one: false when anything but an empty line follows
 * it. A server has to end the connection behind its reply, as it was asked to (RFC 9112 §9.6); with
 * one that does not, a while without another word has to do.
 */
function isTheOnlyOne(reply: IncomingMessage, socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(true), ANOTHER_WITHIN_MS);
    const settle = (isOnly: boolean): void => {
      clearTimeout(timer);
      resolve(isOnly);
    };
    // Before Node's own listener, so that the bytes which complete the reply still find it
    // incomplete.
    socket.prependListener('data', (bytes: Buffer) => {
      if (reply.complete && !bytes.every((byte) => EMPTY_LINE.has(byte))) settle(false);
    });
    socket.once('end', () => settle(true));
    // Over more in the same bytes Node drops the connection, without an error of the socket.
    socket.once('close', (hadError) => settle(hadError));
  });
}

/** What has arrived by now is known after a few turns. */
async function turnsOfTheLoop(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/**
 * `ECONNREFUSED` → `econnrefused`. A code names the fault without the address that a message would
 * hold.
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
 * The content of a body with the one coding that `contentEncoding` names (RFC 9110 §8.4). Undefined
 * when the coding is unknown, the bytes are not in it, or more than `bytesMax` come out.
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
