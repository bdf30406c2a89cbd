// Goal: a refusal, which names no payment, counts only if it can only belong to this request.
// Method: servers on real sockets that send surplus, early or double replies among approved
// payments.
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { setTimeout as pause } from 'node:timers/promises';
import { Metrics } from '@quittance/platform';
import { eventually } from '../../../test/support/eventually.js';
import { afterRequest, ByteServer, type ConnectionScript, httpReply } from '../test/byte-server.js';
import { TestAuthority } from '../../../test/support/certificates.js';
import { testConnector } from '../test/test-connector.js';
import { exchange } from './exchange.js';
import { GatewayClient } from './gateway-client.js';
import { interpretRefundReply, interpretReply } from './interpret-reply.js';

const client = new GatewayClient({ metrics: new Metrics(), inquiryTimeoutMs: 5_000 });
const servers: ByteServer[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));
afterAll(() => client.close());

async function gateway(script: ConnectionScript) {
  const server = await ByteServer.start(script);
  servers.push(server);
  return { server, account: { baseUrl: server.origin, mode: 'test', number: 42 } as const };
}

const REQUEST = { path: '/api/s2s', contentType: 'application/json', body: '{}' } as const;
const LIMITS = { timeoutMs: 5_000, mayStart: () => true };
const approved = httpReply(200, '{"transID":"100135250426141606","order_status":"1"}');
const refusal = httpReply(400, '{"error_number":"1113","error_message":"Refused"}');
const closing = (reply: string) => reply.replace('\r\n', '\r\nconnection: close\r\n');

describe('a gateway that sends a surplus reply', () => {
  /** Sends a refusal too many on the first connection, and approves every payment. */
  const oneTooMany = (
    when: 'at once' | 'before the next request' | 'a little later',
  ): ConnectionScript => {
    let first: Socket | undefined;
    return afterRequest((socket) => {
      if (first === undefined) {
        first = socket;
        socket.write(when === 'at once' ? approved + refusal : approved);
        if (when === 'a little later') setImmediate(() => socket.write(refusal));
        return;
      }
      if (when === 'before the next request') first.write(refusal);
      setImmediate(() => socket.write(approved));
    });
  };

  it.each(['at once', 'before the next request', 'a little later'] as const)(
    'does not refuse another payment with it: %s',
    async (when) => {
      const { account, server } = await gateway(oneTooMany(when));
      for (let payment = 0; payment < 4; payment += 1) {
        const outcome = interpretReply(await client.create(account, REQUEST, LIMITS), account);
        expect(outcome).toMatchObject({ kind: 'reported', report: { orderStatus: '1' } });
      }
      expect(server.accepted).toBe(4);
    },
  );

  it('does not prove an absence with it', async () => {
    const notFound = httpReply(400, '{"error_number":"1111","error_message":"Missing"}');
    const exists = httpReply(400, '{"error_number":"5012","error_message":"Exists"}');
    const { account, server } = await gateway((socket) => {
      socket.once('data', () => {
        socket.write(exists);
        setTimeout(() => socket.write(notFound), 5);
      });
    });
    for (let probe = 0; probe < 3; probe += 1) {
      const answer = await client.probe(account, 'R-1', 'key');
      expect(answer).toEqual({ kind: 'unanswered', reason: 'several_replies' });
    }
    expect(server.accepted).toBe(3);
  });
});

describe('two replies to one request', () => {
  it.each<[string, ConnectionScript]>([
    ['at once', afterRequest((socket) => socket.end(refusal + approved))],
    [
      'one after the other',
      afterRequest((socket) => {
        socket.write(refusal);
        setTimeout(() => socket.end(approved), 20);
      }),
    ],
  ])('are no refusal: %s', async (_when, script) => {
    const { account } = await gateway(script);
    const exchanged = await client.create(account, REQUEST, LIMITS);
    expect(exchanged).toEqual({ kind: 'noReply', reason: 'several_replies' });
    const refunded = interpretRefundReply(await client.refund(account, REQUEST, LIMITS), account);
    expect(refunded).toEqual({
      kind: 'unknown',
      reason: 'no_reply',
      detail: 'several_replies',
    });
  });

  it.each<[string, ConnectionScript]>([
    ['ends the connection', afterRequest((socket) => socket.end(refusal))],
    [
      'announces that it ends the connection',
      afterRequest((socket) => socket.end(closing(refusal))),
    ],
    [
      'resets the connection',
      afterRequest((socket) => socket.write(refusal, () => socket.resetAndDestroy())),
    ],
    ['leaves the connection open', afterRequest((socket) => socket.write(refusal))],
  ])('are not assumed when the gateway refuses once and %s', async (_what, script) => {
    const { account } = await gateway(script);
    const outcome = interpretReply(await client.create(account, REQUEST, LIMITS), account);
    expect(outcome).toMatchObject({ kind: 'refused', code: '1113' });
  });
});

describe('a gateway that sends data before the request', () => {
  it.each([refusal, approved, 'x', '\r\n'])('gets no request: %j', async (data) => {
    const { account, server } = await gateway((socket) => socket.write(data));
    const exchanged = await client.create(account, REQUEST, LIMITS);
    expect(exchanged).toEqual({ kind: 'notSent', reason: 'gateway_spoke_first' });
    await eventually(() => expect(server.open).toBe(0));
    expect(server.received()).toHaveLength(0);
  });

  it.each([0, 1, 3, 10, 50])(
    'does not refuse the payment with a reply that comes %i ms later, before the real one',
    async (laterMs) => {
      const { account } = await gateway((socket) => {
        setTimeout(() => socket.write(refusal), laterMs);
        afterRequest(() => void pause(laterMs + 20).then(() => socket.end(approved)))(socket);
      });
      const outcome = interpretReply(await client.create(account, REQUEST, LIMITS), account);
      expect(outcome.kind).toMatch(/^(?:unknown|notSent)$/);
    },
  );

  it('is not trusted while the request is still being written', async () => {
    const server = await ByteServer.start((socket) => {
      // Reads no byte, so that a large request cannot leave.
      socket.pause();
      setTimeout(() => socket.write(refusal), 20);
    });
    servers.push(server);
    const connector = testConnector();
    const exchanged = await exchange(connector, {
      origin: server.origin,
      method: 'POST',
      path: '/api/s2s',
      headers: {},
      body: 'x'.repeat(32_000_000),
      timeoutMs: 5_000,
    });
    connector.close();
    expect(exchanged).toEqual({ kind: 'noReply', reason: 'reply_before_request' });
  });
});

it('requests the end of each connection, and uses it for one request', async () => {
  const { account, server } = await gateway((socket) => {
    socket.once('data', () => socket.write(approved));
  });
  const create = () => client.create(account, REQUEST, LIMITS);
  await Promise.all([
    create(),
    create(),
    client.lookUp(account, '1'),
    client.refresh(account, '1'),
  ]);
  await client.probe(account, 'R-1', 'key');
  expect(server.accepted).toBe(5);
  expect(
    server
      .received()
      .toString()
      .match(/connection: close/gi),
  ).toHaveLength(5);
});

it('accepts each of many fast replies over TLS', async () => {
  const authority = new TestAuthority();
  const server = createTlsServer(authority.certify('127.0.0.1'), (socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', () => socket.end(refusal));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const trusting = new GatewayClient({
    metrics: new Metrics(),
    inquiryTimeoutMs: 1_000,
    ca: authority.cert,
  });
  const account = { baseUrl: `https://127.0.0.1:${port}`, mode: 'test', number: 42 } as const;
  try {
    for (let round = 0; round < 20; round += 1) {
      const tenAtOnce = Array.from({ length: 10 }, () => trusting.create(account, REQUEST, LIMITS));
      const outcomes = (await Promise.all(tenAtOnce)).map(
        (exchanged) => interpretReply(exchanged, account).kind,
      );
      expect(new Set(outcomes)).toEqual(new Set(['refused']));
    }
  } finally {
    trusting.close();
    server.close();
  }
});
