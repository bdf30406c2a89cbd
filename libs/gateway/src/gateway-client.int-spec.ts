// Goal: a terminal's requests go only to its own gateway, and those of a live terminal never to a
// private network or in plaintext. Method: real servers on this machine, whose address is private,
// and a resolver that resolves every name to it.
import { Metrics } from '@quittance/platform';
import fc from 'fast-check';
import { TestAuthority } from '../../../test/support/certificates.js';
import { TestGateway } from '../test/gateway-servers.js';
import type { Resolve } from './connection/guarded-connector.js';
import { GatewayClient, type GatewayClientOptions } from './gateway-client.js';
import type { Exchange } from './exchange.js';
import {
  interpretRefundReply as interpretRefund,
  interpretReply as interpret,
} from './interpret-reply.js';

const interpretReply = (exchange: Exchange) => interpret(exchange, { number: 1 });
const interpretRefundReply = (exchange: Exchange) => interpretRefund(exchange, { number: 1 });

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

async function gateway(options: Parameters<typeof TestGateway.start>[0] = {}) {
  const server = await TestGateway.start(options);
  closers.push(() => server.close());
  return server;
}

function client(options: Partial<GatewayClientOptions> = {}): GatewayClient {
  const common = { metrics: new Metrics(), inquiryTimeoutMs: 2_000 };
  const made = new GatewayClient({ ...common, ...options });
  closers.push(() => Promise.resolve(made.close()));
  return made;
}

const REQUEST = { path: '/api/s2s', contentType: 'application/json', body: '{}' } as const;
const LIMITS = { timeoutMs: 5_000, mayStart: () => true };
const here: Resolve = (_name, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]);

describe('a redirect', () => {
  it.each([301, 302, 303, 307, 308])('is not followed and leaves doubt: %i', async (status) => {
    const elsewhere = await gateway();
    const location = `http://127.0.0.1:${elsewhere.port}/api/s2s`;
    const server = await gateway({ status, location });
    const account = {
      baseUrl: `http://127.0.0.1:${server.port}`,
      mode: 'test',
      number: 1,
    } as const;
    const it = client();
    const created = await it.create(account, REQUEST, LIMITS);
    expect(interpretReply(created)).toMatchObject({ kind: 'unknown' });
    const refunded = await it.refund(account, REQUEST, LIMITS);
    expect(interpretRefundReply(refunded)).toMatchObject({ kind: 'unknown' });
    expect(await it.lookUp(account, '1')).toMatchObject({ kind: 'unanswered' });
    expect(server.requests).toHaveLength(3);
    expect(elsewhere.accepted).toBe(0);
  });
});

it('sends to the terminal’s host, whatever the transID contains', async () => {
  const server = await gateway();
  const it = client();
  const account = {
    baseUrl: `http://127.0.0.1:${server.port}/base/`,
    mode: 'test',
    number: 1,
  } as const;
  const hostile = fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.constantFrom('//evil.test/', '@evil.test', '../../..', 'http://evil.test', '\\\\evil.test'),
    fc.webUrl(),
  );
  await fc.assert(
    fc.asyncProperty(hostile, async (asked) => {
      server.requests.length = 0;
      await it.lookUp(account, asked);
      expect(server.requests).toEqual([
        expect.stringMatching(/^GET \/base\/api\/.* 127\.0\.0\.1:/),
      ]);
    }),
    { numRuns: 60 },
  );
});

describe('a live terminal', () => {
  const authority = new TestAuthority();
  const trusting = { ca: authority.cert, resolve: here };
  const all = async (it: GatewayClient, baseUrl: string, mode: 'test' | 'live') => {
    const account = { baseUrl, mode, number: 1 };
    return [
      await it.create(account, REQUEST, LIMITS),
      await it.refund(account, REQUEST, LIMITS),
      await it.lookUp(account, '1'),
      await it.probe(account, 'R1', 'key'),
    ];
  };

  it('cannot reach a private address by name or number, but a test terminal can', async () => {
    const server = await gateway({ certified: authority.certify('gateway.test') });
    const numbered = await gateway({ certified: authority.certify('127.0.0.1') });
    const it = client(trusting);
    for (const baseUrl of [
      `https://gateway.test:${server.port}`,
      `https://127.0.0.1:${numbered.port}`,
      `https://[::ffff:127.0.0.1]:${numbered.port}`,
    ]) {
      const results = await all(it, baseUrl, 'live');
      const [created, refunded] = results;
      expect(created).toEqual({ kind: 'notSent', reason: 'gateway_address_refused' });
      expect(refunded).toEqual(created);
    }
    expect([server.accepted, numbered.accepted]).toEqual([0, 0]);
    await all(it, `https://gateway.test:${server.port}`, 'test');
    expect(server.requests).toHaveLength(4);
  });

  it('does not reuse a connection of a test terminal', async () => {
    const server = await gateway({ certified: authority.certify('gateway.test') });
    const it = client(trusting);
    const baseUrl = `https://gateway.test:${server.port}`;
    expect(await it.create({ baseUrl, mode: 'test' }, REQUEST, LIMITS)).toMatchObject({
      kind: 'replied',
    });
    expect(await it.create({ baseUrl, mode: 'live' }, REQUEST, LIMITS)).toMatchObject({
      kind: 'notSent',
    });
    expect(server.requests).toHaveLength(1);
  });

  it('sends nothing in plaintext', async () => {
    const server = await gateway();
    const [created] = await all(client(), `http://127.0.0.1:${server.port}`, 'live');
    expect(created).toEqual({ kind: 'notSent', reason: 'gateway_not_https' });
    expect(server.accepted).toBe(0);
  });
});

it.each(['gateway_address_refused', 'gateway_not_https', 'gateway_pin_mismatch'])(
  'interprets %s as not sent because of the configuration, for payments and refunds',
  (reason) => {
    const expected = { kind: 'notSent', reason, isConfiguration: true };
    expect(interpretReply({ kind: 'notSent', reason })).toEqual(expected);
    expect(interpretRefundReply({ kind: 'notSent', reason })).toEqual(expected);
    // The same reason after the first byte would prove nothing.
    expect(interpretReply({ kind: 'noReply', reason })).toMatchObject({ kind: 'unknown' });
    expect(interpretRefundReply({ kind: 'noReply', reason })).toMatchObject({ kind: 'unknown' });
  },
);

it.each(['econnrefused', 'cert_has_expired', 'timeout'])(
  'interprets %s as not sent and worth a retry',
  (reason) => {
    expect(interpretReply({ kind: 'notSent', reason })).toEqual({ kind: 'notSent', reason });
  },
);

describe('the metrics of calls', () => {
  it('have every result of a lane from its first call, so that the first failure is growth', async () => {
    const server = await gateway();
    const account = {
      baseUrl: `http://127.0.0.1:${server.port}`,
      mode: 'test',
      lane: 'a',
    } as const;
    const metrics = new Metrics();
    const caller = client({ metrics });
    await caller.create(account, REQUEST, LIMITS);
    await caller.create(account, REQUEST, LIMITS);
    await caller.create(account, REQUEST, { ...LIMITS, mayStart: () => false });
    const counts = (await metrics.registry.metrics()).match(/call_seconds_count.*/g);
    expect(counts?.toSorted()).toEqual([
      'call_seconds_count{lane="a",operation="create",result="noReply"} 0',
      'call_seconds_count{lane="a",operation="create",result="notSent"} 1',
      'call_seconds_count{lane="a",operation="create",result="replied"} 2',
    ]);
  });
});
