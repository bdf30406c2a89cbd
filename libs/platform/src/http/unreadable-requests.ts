// What Node's HTTP server refuses before there is a request to route: answered on the bare socket,
// as a problem document like everything else that fails.
import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { newId } from '../ids.js';
import { outlineOfStatus, PROBLEM_CONTENT_TYPE, problemOf } from './problem.js';

const STATUS_OF_CLIENT_ERROR: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
};

/**
 * The requests of each connection that have wholly arrived and are not answered yet, and what comes
 * after them.
 */
export class UnreadableRequests {
  readonly #unanswered = new WeakMap<Socket, Map<IncomingMessage, ServerResponse>>();

  /** `headers` are those of every answer. */
  constructor(private readonly headers: Readonly<Record<string, string>>) {}

  /**
   * Follows the server's requests, and refuses expectations other than `100-continue` (RFC 9110
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
   * For Node's `clientError`. What is no HTTP behind a request that is still being worked on must
   * not be answered in its place: that caller would read that nothing was done. The connection then
   * ends with the last answer that is due.
   */
  answer(error: Error & { code?: string }, socket: Socket): void {
    if (error.code === 'ECONNRESET' || !socket.writable) return;
    const due = [...(this.#unanswered.get(socket) ?? [])].filter(([{ complete }]) => complete);
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
