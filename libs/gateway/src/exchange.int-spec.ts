// Goal: `notSent` proves that no byte was sent. Method: real sockets, and servers that misbehave at
// every point of an exchange and record each byte that reaches them.
import { eventually } from '../../../test/support/eventually.js';
import { afterRequest, ByteServer, type ConnectionScript, httpReply } from '../test/byte-server.js';
import { testConnector } from '../test/test-connector.js';
import type { ConnectorOptions, GuardedConnector } from './connection/guarded-connector.js';
import { exchange, type ExchangeRequest } from './exchange.js';

const servers: ByteServer[] = [];
const connectors: GuardedConnector[] = [];

async function serve(script: ConnectionScript): Promise<ByteServer> {
  const server = await ByteServer.start(script);
  servers.push(server);
  return server;
}
function connector(options: Partial<ConnectorOptions> = {}): GuardedConnector {
  const made = testConnector(options);
  connectors.push(made);
  return made;
}
afterEach(async () => {
  for (const made of connectors.splice(0)) made.close();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const post = (origin: string, changes: Partial<ExchangeRequest> = {}): ExchangeRequest => ({
  origin,
  method: 'POST',
  path: '/api/s2s',
  headers: { 'content-type': 'application/json' },
  body: '{}',
  timeoutMs: 5_000,
  ...changes,
});
const reply = (status: number, body: string) =>
  afterRequest((socket) => socket.write(httpReply(status, body)));
/** Resolves with the origin of a closed port. */
async function closedOrigin(): Promise<string> {
  const server = await ByteServer.start(() => undefined);
  const { origin } = server;
  await server.close();
  return origin;
}

describe('a request that never left', () => {
  it('is notSent when the connection is refused', async () => {
    expect(await exchange(connector(), post(await closedOrigin()))).toEqual({
      kind: 'notSent',
      reason: 'econnrefused',
    });
  });

  it('is notSent when the name does not resolve', async () => {
    const result = await exchange(connector(), post('http://no-such-host.invalid'));
    expect(result).toMatchObject({
      kind: 'notSent',
      reason: expect.stringMatching(/^(enotfound|eai_again)$/),
    });
  });

  it('is notSent when the TLS handshake fails, with only the handshake on the wire', async () => {
    const server = await serve((socket) => socket.once('data', () => socket.end('no TLS here')));
    const result = await exchange(connector(), post(`https://127.0.0.1:${server.port}`));
    expect(result.kind).toBe('notSent');
    expect(new Set(tlsRecordTypes(server.received()))).not.toContain(APPLICATION_DATA);
    expect(tlsRecordTypes(server.received())[0]).toBe(HANDSHAKE);
  });

  it('is notSent when the connection is not ready in time', async () => {
    const server = await serve(() => undefined);
    const impatient = connector({ timeoutMs: 50 });
    const result = await exchange(impatient, post(`https://127.0.0.1:${server.port}`));
    expect(result).toEqual({ kind: 'notSent', reason: 'connect_timeout' });
    await eventually(() => expect(server.open).toBe(0));
    expect(tlsRecordTypes(server.received())).not.toContain(APPLICATION_DATA);
  });

  it('is notSent when its deadline passes before the connection is open, and does not leave afterwards', async () => {
    const server = await serve(() => undefined);
    const request = post(`https://127.0.0.1:${server.port}`, { timeoutMs: 30 });
    expect(await exchange(connector(), request)).toEqual({ kind: 'notSent', reason: 'timeout' });
    await eventually(() => expect(server.open).toBe(0));
    expect(new Set(tlsRecordTypes(server.received()))).not.toContain(APPLICATION_DATA);
  });

  it('is notSent when mayStart returns false, and no byte is written', async () => {
    const server = await serve(reply(200, 'ok'));
    const result = await exchange(connector(), post(server.origin, { mayStart: () => false }));
    expect(result).toEqual({ kind: 'notSent', reason: 'start_refused' });
    await eventually(() => expect(server.open).toBe(0));
    expect(server.received()).toHaveLength(0);
  });

  it('is notSent when the connector is closed', async () => {
    const server = await serve(reply(200, 'ok'));
    const closed = connector();
    closed.close();
    expect((await exchange(closed, post(server.origin))).kind).toBe('notSent');
    expect(server.accepted).toBe(0);
  });
});

describe('a request that may have arrived', () => {
  const half = httpReply(200, '{"transID":"1"}').slice(0, -5);
  it.each<[string, ConnectionScript, RegExp]>([
    [
      'the connection is closed after the first byte',
      (s) => s.once('data', () => s.destroy()),
      /socket|econnreset/,
    ],
    ['the connection is closed after the request', afterRequest((s) => s.end()), /econnreset/],
    [
      'the connection is reset after the request',
      afterRequest((s) => s.resetAndDestroy()),
      /econnreset/,
    ],
    ['the reply stops in its middle', afterRequest((s) => s.end(half)), /connection_closed/],
    [
      'the reply’s head stops in its middle',
      afterRequest((s) => s.end('HTTP/1.1 20')),
      /econnreset|hpe/,
    ],
    ['the reply is not HTTP', afterRequest((s) => s.end('+OK ready\r\n\r\n')), /hpe/],
    [
      'the reply has no end',
      afterRequest((s) => s.write(httpReply(200, 'x'.repeat(300_000)))),
      /^reply_too_large$/,
    ],
  ])('is noReply: %s', async (_, script, reason) => {
    const server = await serve(script);
    const result = await exchange(connector(), post(server.origin));
    expect(result).toEqual({ kind: 'noReply', reason: expect.stringMatching(reason) });
  });

  it('is notSent or noReply, with no byte at the server, when the connection is reset on accept', async () => {
    const server = await serve((socket) => socket.resetAndDestroy());
    const result = await exchange(connector(), post(server.origin));
    // It is noReply if the first byte was written before the reset arrived.
    expect(result.kind).toMatch(/^(notSent|noReply)$/);
    expect(server.received()).toHaveLength(0);
  });

  it('is noReply when the deadline passes after sending, and its connection is closed', async () => {
    const server = await serve(() => undefined);
    const result = await exchange(connector(), post(server.origin, { timeoutMs: 1_000 }));
    expect(result).toEqual({ kind: 'noReply', reason: 'timeout' });
    await eventually(() => expect(server.open).toBe(0));
    expect(server.received().toString()).toContain('POST /api/s2s');
  });

  it('is noReply when the connector is closed while it waits', async () => {
    const server = await serve(() => undefined);
    const ended = connector();
    const result = exchange(ended, post(server.origin));
    await eventually(() => expect(server.received().toString()).toContain('{}'));
    ended.close();
    expect((await result).kind).toBe('noReply');
  });
});

describe('a reply', () => {
  it('is returned unchanged, with its HTTP status', async () => {
    const server = await serve(reply(403, '{"ü":1}'));
    const result = await exchange(connector(), post(server.origin));
    expect(result).toEqual({ kind: 'replied', httpStatus: 403, body: '{"ü":1}' });
  });

  it('is the redirect itself, which is not followed', async () => {
    const elsewhere = await serve(reply(200, 'there'));
    const location = `location: ${elsewhere.origin}/api/s2s`;
    const server = await serve(
      afterRequest((socket) => socket.write(httpReply(307, '', [location]))),
    );
    const result = await exchange(connector(), post(server.origin));
    expect(result).toEqual({ kind: 'replied', httpStatus: 307, body: '' });
    expect(elsewhere.accepted).toBe(0);
  });
});

const HANDSHAKE = 22;
const APPLICATION_DATA = 23;

/**
 * Returns the content types of the TLS records in `bytes` (RFC 8446 §5.1: type, version, length,
 * fragment).
 */
function tlsRecordTypes(bytes: Buffer): number[] {
  const types: number[] = [];
  for (let at = 0; at + 5 <= bytes.length; at += 5 + bytes.readUInt16BE(at + 3)) {
    types.push(bytes.readUInt8(at));
  }
  return types;
}
