// Gateways on this machine for tests of connections: plain or with TLS, each counting the requests
// that reached it.
import { createServer as createPlainServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { CertificateWithKey } from '../../../test/support/certificates.js';

/** A gateway that sends the same reply to every request. */
export class TestGateway {
  /** `<method> <path> <host header>` of each request that arrived. */
  readonly requests: string[] = [];
  /** TCP connections accepted. */
  accepted = 0;
  readonly #server: Server;

  private constructor(
    certified: CertificateWithKey | undefined,
    private readonly reply: { readonly status: number; readonly location?: string },
  ) {
    const answer = (request: IncomingMessage) =>
      this.requests.push(`${request.method} ${request.url} ${request.headers.host}`);
    this.#server = certified ? createTlsServer(certified) : createPlainServer();
    this.#server.on('connection', () => (this.accepted += 1));
    this.#server.on('request', (request, response) => {
      answer(request);
      const { status, location } = this.reply;
      response.writeHead(status, location === undefined ? {} : { location }).end('{}');
    });
  }

  static async start({
    address = '127.0.0.1',
    port = 0,
    status = 200,
    location,
    certified,
  }: {
    readonly address?: string;
    readonly port?: number;
    readonly status?: number;
    readonly location?: string;
    readonly certified?: CertificateWithKey;
  } = {}): Promise<TestGateway> {
    const reply = { status, ...(location !== undefined && { location }) };
    const gateway = new TestGateway(certified, reply);
    await new Promise<void>((resolve, reject) => {
      gateway.#server.once('error', reject).listen(port, address, resolve);
    });
    return gateway;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Closes every connection and continues to listen. */
  cut(): void {
    this.#server.closeAllConnections();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
