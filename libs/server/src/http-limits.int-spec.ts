// Goal: the server of every app cuts off slow, greedy and forged requests before any code of the
// app runs. Method: a small app with short limits, called over raw sockets.
import { Controller, Get, Module, Post, Req } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { connect, type Socket } from 'node:net';
import { AddressRanges, createLogger, Metrics } from '@quittance/platform';
import { eventually } from '../../../test/support/eventually.js';
import { createHttpApp, type HttpAppOptions } from './http-app.js';

@Controller('things')
class ThingsController {
  @Post()
  create(): void {}

  /** Answers once the request has been read completely. */
  @Get('slow')
  slow(): Promise<void> {
    return new Promise((resolve) => void setImmediate(() => setImmediate(resolve)));
  }

  @Get('address')
  address(@Req() { callerAddress }: FastifyRequest): { readonly ip: string | null } {
    return { ip: callerAddress ?? null };
  }
}

@Module({ controllers: [ThingsController] })
class ThingsModule {}

const LIMITS = {
  headersTimeoutMs: 300,
  requestTimeoutMs: 600,
  timeoutCheckMs: 50,
  addressLength: 200,
  headerBytes: 4096,
  connections: 20,
  connectionsPerAddress: 5,
};
const metrics = new Metrics();
const apps: NestFastifyApplication[] = [];
let sockets: Socket[] = [];

async function start(options: Partial<HttpAppOptions> = {}): Promise<string> {
  const logger = createLogger({ name: 'things', level: 'silent' });
  const app = await createHttpApp(ThingsModule, { logger, limits: LIMITS, ...options });
  apps.push(app);
  await app.listen({ host: '127.0.0.1', port: 0 });
  return app.getUrl();
}

let base: string;
beforeAll(async () => {
  base = await start();
});
afterAll(() => Promise.all(apps.map((app) => app.close())));
afterEach(async () => {
  const closed = sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
  for (const socket of sockets.filter((each) => !each.closed)) socket.destroy();
  await Promise.all(closed.filter((_, n) => sockets[n]?.closed === false));
  sockets = [];
});

function open(url = base): Socket {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => {});
  sockets.push(socket);
  return socket;
}

/** Returns everything that the server sends until it closes the connection. */
function conversation(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString())).on('close', () => resolve(text));
  });
}

/** Sends a byte every 20 ms until the connection closes. */
function dribble(socket: Socket, byte: string): void {
  const timer = setInterval(() => socket.write(byte), 20);
  socket.once('close', () => clearInterval(timer));
}

const problem = (status: number, code: string) =>
  new RegExp(`^HTTP/1\\.1 ${status} .*application/problem\\+json.*"code":"${code}"`, 's');

describe('a client that sends slowly', () => {
  it.each([
    ['headers', 'GET /things/address HTTP/1.1\r\nhost: x\r\nx-slow: '],
    [
      'a body',
      'POST /things HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 60000\r\n\r\n',
    ],
    [
      'chunks',
      'POST /things HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nfff0\r\n',
    ],
    ['nothing', ''],
  ])('%s is cut off within the limit', async (what, beginning) => {
    const socket = open();
    const received = conversation(socket);
    const before = performance.now();
    socket.write(beginning);
    if (what !== 'nothing') dribble(socket, 'x');
    expect(await received).toMatch(what === 'nothing' ? /^|408/ : problem(408, 'request_timeout'));
    // The limit and the check interval, with room for a busy machine.
    expect(performance.now() - before).toBeLessThan(5_000);
  });

  it('does not block other clients', async () => {
    for (let n = 0; n < 3; n += 1) dribble(open(), 'x');
    expect((await fetch(`${base}/things/address`)).status).toBe(200);
  });
});

describe('a request that is too large', () => {
  it('by its headers gets 431', async () => {
    const socket = open();
    const received = conversation(socket);
    socket.write(`GET / HTTP/1.1\r\nhost: x\r\nx-large: ${'x'.repeat(5000)}\r\n\r\n`);
    expect(await received).toMatch(problem(431, 'headers_too_large'));
  });

  it('by its address gets 414, for existing and unknown paths', async () => {
    for (const path of ['/things/address', '/nowhere', `/things/${'y'.repeat(150)}`]) {
      const answer = await fetch(`${base}${path}?x=${'x'.repeat(200)}`);
      expect(answer.status).toBe(414);
      expect(await answer.json()).toMatchObject({ code: 'uri_too_long' });
    }
  });

  it('by its body gets 413 before all of it has arrived', async () => {
    const socket = open();
    const received = conversation(socket);
    const head = 'POST /things HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';
    socket.write(`${head}content-length: 70000\r\n\r\n{`);
    expect(await received).toMatch(problem(413, 'payload_too_large'));
  });
});

describe('malformed HTTP', () => {
  it.each([
    [
      'a length and chunks at once',
      'POST /things HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    [
      'two lengths',
      'POST /things HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello!',
    ],
    ['a bare line feed in a header', 'GET / HTTP/1.1\r\nhost: x\nx: y\r\r\n\r\n'],
    ['a name with a space', 'GET / HTTP/1.1\r\nhost : x\r\n\r\n'],
    ['an unknown version', 'GET / HTTP/9.9\r\nhost: x\r\n\r\n'],
    ['a TLS hello', '\x16\x03\x01\x02\x00\x01\x00'],
    // RFC 9112 §3.2
    ['a request without a host', 'GET /things/address HTTP/1.1\r\nconnection: close\r\n\r\n'],
  ])('%s gets 400 without internal details', async (_, bytes) => {
    const socket = open();
    const received = conversation(socket);
    socket.write(bytes, 'latin1');
    const text = await received;
    expect(text).toMatch(problem(400, 'unreadable_request'));
    expect(text).toMatch(/^x-content-type-options: nosniff\r$/m);
    expect(text).not.toMatch(/node|fastify|parse|\.js|\bat /i);
  });
});

it('an expectation that cannot be met gets 417', async () => {
  const socket = open();
  const received = conversation(socket);
  socket.write('GET /things/address HTTP/1.1\r\nhost: x\r\nexpect: miracles\r\n\r\n');
  expect(await received).toMatch(problem(417, 'expectation_failed'));
});

describe('malformed bytes after a request', () => {
  const request = (more = '') => `GET /things/slow HTTP/1.1\r\nhost: x\r\n${more}\r\n`;

  it.each([
    ['on a persistent connection', request() + 'garbage\r\n\r\n', 1],
    ['on a connection that will be closed', request('connection: close\r\n') + request(), 1],
    [
      'with an expectation',
      `${request()}GET /things/slow HTTP/1.1\r\nhost: x\r\nexpect: miracles\r\n\r\n`,
      1,
    ],
    ['after two', request() + request() + 'garbage\r\n\r\n', 2],
    [
      'with a valid beginning',
      request() + 'POST /things HTTP/1.1\r\nhost: x\r\ncontent-length: x\r\n\r\n',
      1,
    ],
  ])('%s do not get a response in place of the request before them', async (_, bytes, answers) => {
    const socket = open();
    const received = conversation(socket);
    socket.write(bytes);
    const text = await received;
    expect(text.match(/^HTTP\/1\.1 200 /gm)).toHaveLength(answers);
    expect(text.indexOf('HTTP/1.1 200 ')).toBe(0);
    expect(text).not.toContain('HTTP/1.1 400 ');
  });

  it('in a body get the response for that body', async () => {
    const socket = open();
    const received = conversation(socket);
    const head = 'POST /things HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';
    socket.write(`${head}transfer-encoding: chunked\r\n\r\nzz\r\n`);
    expect(await received).toMatch(problem(400, 'unreadable_request'));
  });
});

describe('connections', () => {
  const refused = async () => {
    const values = await metrics.registry.getSingleMetricAsString(
      'quittance_http_connections_refused_total',
    );
    return Number(/_total (\d+)$/.exec(values)?.[1]);
  };

  it('from one address are limited', async () => {
    // A separate app, because fetch keeps connections to the other one open.
    const url = await start({ metrics });
    for (let n = 0; n < 8; n += 1) open(url);
    await eventually(async () => expect(await refused()).toBe(3));
    await eventually(() => expect(sockets.filter((socket) => !socket.closed)).toHaveLength(5));
  });

  it('from a trusted proxy count towards the total only', async () => {
    const url = await start({ trustedProxies: new AddressRanges(['127.0.0.0/8']) });
    for (let n = 0; n < 25; n += 1) open(url);
    await eventually(() => expect(sockets.filter((socket) => socket.closed)).toHaveLength(5));
  });
});

describe('the address of a request', () => {
  const ipAt = async (url: string, forwarded: string) => {
    const headers = { 'x-forwarded-for': forwarded };
    const answer = await fetch(`${url}/things/address`, { headers });
    return ((await answer.json()) as { ip: string | null }).ip;
  };

  it('is that of its connection, whatever its headers say', async () => {
    expect(await ipAt(base, '192.0.2.7')).toBe('127.0.0.1');
  });

  it('is the entry of the last trusted proxy, not an earlier entry', async () => {
    const url = await start({ trustedProxies: new AddressRanges(['127.0.0.1', '10.0.0.0/8']) });
    expect(await ipAt(url, '192.0.2.7')).toBe('192.0.2.7');
    expect(await ipAt(url, '192.0.2.99, 192.0.2.7, 10.1.2.3')).toBe('192.0.2.7');
    expect(await ipAt(url, '192.0.2.7:51234')).toBe('192.0.2.7');
    expect(await ipAt(url, 'x"><script>')).toBeNull();
  });
});

describe('another origin', () => {
  it.each(['GET', 'POST', 'OPTIONS'])(
    'gets no permission from the response to %s',
    async (method) => {
      const headers = { origin: 'https://evil.example', 'access-control-request-method': 'POST' };
      const answer = await fetch(`${base}/things`, { method, headers });
      const names = [...answer.headers.keys()];
      expect(names.filter((name) => name.startsWith('access-control-'))).toEqual([]);
      expect(answer.headers.get('cross-origin-resource-policy')).toBe('same-origin');
      expect(answer.headers.get('x-powered-by')).toBeNull();
    },
  );
});

describe('https only', () => {
  it('sends HSTS only when configured', async () => {
    const name = 'strict-transport-security';
    expect((await fetch(`${base}/things/address`)).headers.get(name)).toBeNull();
    const url = await start({ isHttpsOnly: true });
    const hsts = (await fetch(`${url}/nowhere`)).headers.get(name);
    expect(hsts).toBe('max-age=63072000; includeSubDomains');
  });
});
