// Answers the requests that Node's HTTP server rejects before routing. It writes a problem
// document, like every other error response, to the bare socket.
import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { newId } from '@quittance/platform';
import { isStreamed } from './streamed-bodies.js';
import { outlineOfStatus, PROBLEM_CONTENT_TYPE, problemOf } from './problem.js';

const STATUS_OF_CLIENT_ERROR: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
};

/**
 * Tracks the complete but unanswered requests of each connection, and answers parse errors behind
 * them.
 */
export class UnreadableRequests {
  readonly #unanswered = new WeakMap<Socket, Map<IncomingMessage, ServerResponse>>();

  /** `headers` are the headers of every response. */
  constructor(private readonly headers: Readonly<Record<string, string>>) {}

  /**
   * Tracks the server's requests, and rejects expectations other than `100-continue` (RFC 9110
   * §10.1.1).
   */
  watch(server: Server): void {
    server.prependListener('request', (request, response) => this.#follow(request, response));
    server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
      const { body, headers } = this.#problem(417);
      response.writeHead(417, headers).end(body);
    });
  }

  /**
   * Handles Node's `clientError`. Malformed bytes behind a request in progress must not get a
   * response in that request's place, because its caller would read that nothing was done. The
   * connection then ends after the last pending response.
   */
  answer(error: Error & { code?: string }, socket: Socket): void {
    if (error.code === 'ECONNRESET' || !socket.writable) return;
    const unanswered = [...(this.#unanswered.get(socket) ?? [])];
    // Such a body may take hours. Its route has a deadline for each wait.
    const isTimeout = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
    if (isTimeout && unanswered.some(([request]) => isStreamed(request))) return;
    // Part of an answer is on its way to the caller. No other one may follow in its place.
    const hasBegun = unanswered.some(
      ([request, { headersSent }]) => !request.complete && headersSent,
    );
    if (hasBegun) {
      socket.destroy();
      return;
    }
    const due = unanswered.filter(([{ complete }]) => complete);
    const last = due.at(-1)?.[1];
    if (last) last.once('close', () => socket.destroySoon());
    else this.#refuse(socket, error.code);
  }

  #follow(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const unanswered = this.#unanswered.get(socket) ?? new Map<IncomingMessage, ServerResponse>();
    this.#unanswered.set(socket, unanswered.set(request, response));
    response.once('close', () => unanswered.delete(request));
  }

  #refuse(socket: Socket, code = ''): void {
    const status = STATUS_OF_CLIENT_ERROR[code] ?? 400;
    const { body, headers } = this.#problem(status, code);
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`);
  }

  #problem(
    status: number,
    code?: string,
  ): { readonly body: string; readonly headers: Record<string, string> } {
    const body = JSON.stringify(problemOf(outlineOfStatus(status, code), newId('req')));
    const length = String(Buffer.byteLength(body));
    return {
      body,
      headers: {
        'content-type': PROBLEM_CONTENT_TYPE,
        ...this.headers,
        'content-length': length,
        connection: 'close',
      },
    };
  }
}
