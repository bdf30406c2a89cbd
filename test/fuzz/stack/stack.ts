// The running system that a fuzz is played against: limits that do not hide the code behind them,
// an inspector in every process, and a recorder between the gateway and the webhook app.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Session } from '../../../tools/processes/session.js';
import { ChaosStack } from '../../chaos/stack/chaos-stack.js';
import { ChaosPostgres, ChaosRedis } from '../../chaos/stack/servers.js';
import { INSPECTABLE } from '../oracles/processes.js';

/** Everything else is as in production. */
const OPEN_DOORS = {
  KEY_REQUESTS_PER_SECOND: '1000000',
  ADDRESS_REQUESTS_PER_MINUTE: '100000000',
  // Answers are delayed for their secrecy; a fuzz would only wait.
  CALLBACK_ANSWER_AFTER_MS: '1',
  GATEWAY_TIMEOUT_MS: '10000',
  GATEWAY_INQUIRY_TIMEOUT_MS: '10000',
  JOB_LOCK_MS: '30000',
  STOP_LIMIT_MS: '10000',
  LOG_LEVEL: 'info',
};

/** A body as it is sent. */
export type SentBody = { readonly contentType: string | undefined; readonly body: Buffer };

/** Stands where the gateway sends its callbacks: records each, and forwards or withholds it. */
export class Recorder {
  /** Payments whose callbacks are not forwarded. */
  readonly withheld = new Set<string>();
  /** The last callback of each payment. */
  readonly recorded = new Map<string, SentBody>();
  /** Base URL of the webhook app. */
  target = '';
  readonly #server = createServer((request, response) => {
    void this.#receive(request).then((status) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end('{"received":true}'),
    );
  });

  /** Resolves with the recorder's own base URL. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): Promise<unknown> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(resolve));
  }

  /** Resolves with the status to answer. */
  async #receive(request: IncomingMessage): Promise<number> {
    const body = await buffer(request);
    const { url = '', headers } = request;
    const contentType = headers['content-type'];
    const paymentId = /^\/callbacks\/(pi_[0-9a-z]+)\./.exec(url)?.[1] ?? '';
    this.recorded.set(paymentId, { contentType, body });
    if (this.withheld.has(paymentId)) return 200;
    const type = { ...(contentType && { 'content-type': contentType }) };
    const forward = fetch(this.target + url, { method: 'POST', headers: type, body });
    return forward.then(({ status }) => status).catch(() => 503);
  }
}

export async function startFuzzStack(session: Session) {
  const durability = { isDurable: false, logName: 'fuzz-postgres' };
  const postgres = await ChaosPostgres.start(session, durability);
  const redis = await ChaosRedis.start(session, { logName: 'fuzz-redis' });
  const recorder = new Recorder();
  const extra = { ...OPEN_DOORS, ...INSPECTABLE, PUBLIC_CALLBACK_URL: await recorder.listen() };
  const stack = await ChaosStack.start(session, { name: 'fuzz', postgres, redis, extra });
  recorder.target = stack.urls.webhook;
  return { stack, recorder };
}
