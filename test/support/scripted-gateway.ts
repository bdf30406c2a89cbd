// A gateway that replies as a test scripts it and records every request: a few lines of HTTP that
// share nothing with the sandbox or with Quittance's interpretation of the protocol.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it arrived. */
export interface GatewayRequest {
  readonly method: string;
  readonly path: string;
  readonly contentType: string;
  readonly body: string;
}

/** A reply; `silence` is none, `reset` cuts the connection. */
export type GatewayAnswer =
  | { readonly status: number; readonly body: string }
  | 'silence'
  | 'reset'
  | Promise<{ readonly status: number; readonly body: string }>;

/** Chooses the answer to a request. */
export type GatewayScript = (request: GatewayRequest) => GatewayAnswer;

/** A JSON reply. */
export const json = (status: number, value: unknown) => ({ status, body: JSON.stringify(value) });

export class ScriptedGateway {
  readonly requests: GatewayRequest[] = [];
  /** Change it at any time. */
  script: GatewayScript;
  #server: Server | undefined;
  #port = 0;

  private constructor(script: GatewayScript) {
    this.script = script;
  }

  static async start(script: GatewayScript): Promise<ScriptedGateway> {
    const gateway = new ScriptedGateway(script);
    await gateway.open();
    return gateway;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** The create calls among the requests. */
  get creates(): readonly GatewayRequest[] {
    return this.requests.filter(({ path }) => path.startsWith('/api/s2s'));
  }

  /** Accepts connections, on the same port again after {@link close}. */
  async open(): Promise<void> {
    const server = createServer((request, response) => void this.#take(request, response));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, '127.0.0.1', resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** Cuts every connection and accepts new ones. */
  cut(): void {
    this.#server?.closeAllConnections();
  }

  /** Cuts every connection and refuses new ones. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += String(chunk);
    const { method = '', url: path = '', headers } = request;
    const taken = { method, path, contentType: headers['content-type'] ?? '', body };
    this.requests.push(taken);
    const answer = await this.script(taken);
    if (answer === 'silence') return;
    if (answer === 'reset') request.socket.resetAndDestroy();
    else response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
  }
}
