// A merchant's webhook endpoint for tests: stores the received webhooks in order.
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedWebhook {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
}

export class WebhookReceiver {
  readonly received: ReceivedWebhook[] = [];
  /** The status of its responses; the gateway ignores it. */
  status = 200;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<WebhookReceiver> {
    const server = createServer();
    const receiver = new WebhookReceiver(server);
    server.on('request', (request, response) => {
      let text = '';
      request.setEncoding('utf8');
      request.on('data', (chunk: string) => (text += chunk));
      request.on('end', () => {
        const { method = '', url = '', headers } = request;
        const json = JSON.parse(text) as ReceivedWebhook['json'];
        receiver.received.push({ method, path: url, headers, text, json });
        response.statusCode = receiver.status;
        response.end('noted');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/callback`;
  }

  /** Returns the bodies received so far. */
  get bodies(): ReceivedWebhook['json'][] {
    return this.received.map(({ json }) => json);
  }

  clear(): void {
    this.received.length = 0;
    this.status = 200;
  }

  /** Resolves once `number` webhooks have arrived; Jest's time limit ends the wait otherwise. */
  async count(number: number): Promise<void> {
    while (this.received.length < number) await new Promise((resolve) => setImmediate(resolve));
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
