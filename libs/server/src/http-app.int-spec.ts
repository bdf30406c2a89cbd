// Goal: every app gives the same responses. Method: a small app on a free port, called over real
// sockets.
import { Body, Controller, Get, HttpException, Module, Param, Post, Query } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { connect } from 'node:net';
import { z } from 'zod';
import {
  AccessDenied,
  createLogger,
  InvariantViolation,
  Metrics,
  Unavailable,
} from '@quittance/platform';
import { bodyParsersOf } from '../../../test/support/body-parsers.js';
import { eventually } from '../../../test/support/eventually.js';
import { HealthModule } from './health.module.js';
import { MetricsModule } from './metrics.module.js';
import { createHttpApp } from './http-app.js';
import { takeJsonBodies } from './json-bodies.js';

const Order = z.strictObject({
  name: z.string().min(1),
  size: z.enum(['small', 'large']),
  box: z.strictObject({ width: z.number().positive() }),
});

@Controller('things')
class ThingsController {
  @Post()
  create(@Body({ schema: Order }) order: z.infer<typeof Order>): { readonly name: string } {
    return { name: order.name };
  }

  @Get()
  list(
    @Query({ schema: z.strictObject({ limit: z.coerce.number().int().max(9) }) }) query: object,
  ) {
    return query;
  }

  @Get('broken/:how')
  broken(@Param('how') how: string): never {
    if (how === 'busy') throw new Unavailable('store_away', 'Later.', { retryAfterSeconds: 3 });
    if (how === 'denied') throw AccessDenied.unauthenticated();
    if (how === 'teapot') throw new HttpException('secret words', 418);
    if (how === 'impossible') throw new InvariantViolation('odd', 'secret words');
    throw new Error('secret words');
  }
}

const metrics = new Metrics();
let storeIsUp = true;

@Module({
  imports: [
    MetricsModule,
    HealthModule.registerAsync({
      useFactory: () => [
        {
          name: 'store',
          run: () => (storeIsUp ? Promise.resolve() : Promise.reject(new Error('away'))),
        },
      ],
    }),
  ],
  controllers: [ThingsController],
})
class ThingsModule {}

const logged: string[] = [];
let app: NestFastifyApplication;
let base: string;

beforeAll(async () => {
  const logger = createLogger({
    name: 'things',
    destination: { write: (line) => logged.push(line) },
  });
  app = await createHttpApp(ThingsModule, { logger, metrics, bodyLimitBytes: 1000 });
  takeJsonBodies(app);
  await app.listen({ host: '127.0.0.1', port: 0 });
  base = await app.getUrl();
});

afterAll(() => app.close());

function post(body: string, type = 'application/json'): Promise<Response> {
  return fetch(`${base}/things`, { method: 'POST', headers: { 'content-type': type }, body });
}

/** A request that `fetch` refuses to send. */
async function getWithBody(): Promise<Response> {
  const sent = 'GET /things HTTP/1.1\r\nhost: x\r\ncontent-length: 6\r\n\r\nSECRET';
  const [head = '', body = ''] = (await receivedOn(sent)).split('\r\n\r\n');
  const [start = '', ...lines] = head.split('\r\n');
  const headers = lines.map((line): [string, string] => {
    const at = line.indexOf(': ');
    return [line.slice(0, at), line.slice(at + 2)];
  });
  return new Response(body, { status: Number(start.split(' ')[1]), headers });
}

/** Returns the server's bytes on a connection up to its end or to the end of the response. */
function receivedOn(bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(Number(new URL(base).port), '127.0.0.1', () => socket.end(bytes));
    socket.on('data', (chunk) => (text += chunk.toString())).on('close', () => resolve(text));
  });
}

describe('the body parsers of an app', () => {
  it('are one for streams of JSON, and one for all other types', () =>
    expect(bodyParsersOf(app).toSorted()).toEqual(['*', 'application/x-ndjson']));

  it('are a single one, which reads nothing, in an app that accepts no bodies', async () => {
    const logger = createLogger({ name: 'things', level: 'silent' });
    const other = await createHttpApp(ThingsModule, { logger });
    await other.listen({ host: '127.0.0.1', port: 0 });
    expect(bodyParsersOf(other)).toEqual(['*']);
    for (const type of ['application/json', 'application/x-www-form-urlencoded', 'text/plain']) {
      const headers = { 'content-type': type };
      const url = `${await other.getUrl()}/things`;
      const answer = await fetch(url, { method: 'POST', headers, body: '{"name":1' });
      expect(await answer.json()).toMatchObject({ errors: [{ path: '', code: 'wrong_type' }] });
    }
    await other.close();
  });
});

describe('a response', () => {
  it('carries its request id and the security headers', async () => {
    const answer = await post(JSON.stringify({ name: 'x', size: 'small', box: { width: 1 } }));
    expect(answer.status).toBe(201);
    expect(await answer.json()).toEqual({ name: 'x' });
    expect(answer.headers.get('x-request-id')).toMatch(/^req_[0-9a-z]{26}$/);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('x-frame-options')).toBe('DENY');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('server')).toBeNull();
  });
});

describe('a request with faults', () => {
  it('is answered with all of them, with dotted paths and without its values', async () => {
    const answer = await post(
      JSON.stringify({
        size: 'SECRET',
        box: { width: -1 },
        hue: 'SECRET',
        'n 4012000033330026': 1,
      }),
    );
    expect(answer.status).toBe(422);
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    const text = await answer.text();
    expect(text).not.toContain('SECRET');
    expect(text).not.toContain('4012000033330026');
    const problem = JSON.parse(text) as { code: string; request_id: string; errors: object[] };
    expect(problem.code).toBe('validation_failed');
    expect(problem.request_id).toBe(answer.headers.get('x-request-id'));
    expect(problem.errors).toEqual([
      { path: 'name', code: 'required', message: 'This field is required.' },
      { path: 'size', code: 'not_allowed', message: expect.stringContaining('small') },
      { path: 'box.width', code: 'too_small', message: expect.any(String) },
      {
        path: '…',
        code: 'unknown_field',
        message: '2 fields are unknown; known fields are name, size, box.',
      },
    ]);
  });

  it('is answered with faults of its query as well', async () => {
    const answer = await fetch(`${base}/things?limit=10&color=red`);
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({
      errors: [
        { path: 'limit', code: 'too_big' },
        { path: '…', code: 'unknown_field' },
      ],
    });
  });
});

describe('every error', () => {
  it.each([
    ['unreadable JSON', () => post('{"name": "SECRET'), 400, 'unreadable_request'],
    ['a poisoned prototype', () => post('{"__proto__": {"a": 1}}'), 400, 'unreadable_request'],
    ['a body that is too large', () => post(`"${'x'.repeat(1001)}"`), 413, 'payload_too_large'],
    ['another content type', () => post('<a/>', 'text/xml'), 415, 'unsupported_media_type'],
    ['an unknown address', () => fetch(`${base}/nowhere/SECRET`), 404, 'not_found'],
    [
      'a wrong method',
      () => fetch(`${base}/things`, { method: 'DELETE' }),
      405,
      'method_not_allowed',
    ],
    ['a body on a route without one', getWithBody, 400, 'unexpected_body'],
    ['a malformed address', () => fetch(`${base}/things/%E0%A4%A`), 400, 'unreadable_request'],
    ['a fault', () => fetch(`${base}/things/broken/denied`), 401, 'unauthenticated'],
    [
      'a status that is not listed',
      () => fetch(`${base}/things/broken/teapot`),
      400,
      'unreadable_request',
    ],
    ['an impossible state', () => fetch(`${base}/things/broken/impossible`), 500, 'internal_error'],
    ['a bug', () => fetch(`${base}/things/broken/bug`), 500, 'internal_error'],
  ])('%s is a problem document without internal details', async (_, ask, status, code) => {
    const answer = await ask();
    const text = await answer.text();
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(JSON.parse(text)).toMatchObject({ status, code, title: expect.any(String) });
    expect(text).not.toMatch(/secret/i);
  });

  it('has a Retry-After if the time is known', async () => {
    const answer = await fetch(`${base}/things/broken/busy`);
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('3');
    expect(await answer.json()).toMatchObject({ code: 'store_away', detail: 'Later.' });
  });

  it('is logged by route template, never by address or body', () => {
    expect(logged.length).toBeGreaterThan(0);
    expect(logged.join('')).toContain('/things/broken/:how');
    expect(logged.join('')).not.toMatch(/nowhere|SECRET/);
  });

  it.each([
    ['is not HTTP', 'hello\r\n\r\n', 'The method'],
    ['has an unknown method', 'FOO /things HTTP/1.1\r\nhost: x\r\n\r\n', 'The method'],
    ['has no host', 'GET /things HTTP/1.1\r\n\r\n', 'no Host'],
    ['has raw bytes in its address', 'GET /\u00e9 HTTP/1.1\r\nhost: x\r\n\r\n', 'The address'],
    ['has a truncated escape', 'GET /things/%e0%a4 HTTP/1.1\r\nhost: x\r\n\r\n', 'percent escape'],
    ['has a space in a header name', 'GET /things HTTP/1.1\r\nx y: z\r\n\r\n', 'A header'],
    ['is of another version', 'GET /things HTTP/3.7\r\nhost: x\r\n\r\n', 'The version'],
    ['uses another protocol', 'GET /things FTP/1.1\r\nhost: x\r\n\r\n', 'HTTP/1.1'],
    [
      'has two lengths',
      'POST /things HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
      'Content-Length',
    ],
    [
      'has a length and chunks',
      'POST /things HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n',
      'Content-Length',
    ],
    [
      'has a malformed chunk',
      `POST /things HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n`,
      'chunk',
    ],
  ])('gives the reason when a request %s', async (_, bytes, reason) => {
    const answer = await receivedOn(bytes);
    expect(answer).toMatch(
      /^HTTP\/1.1 400 .*application\/problem\+json.*"code":"unreadable_request"/s,
    );
    const { detail } = JSON.parse(answer.split('\r\n\r\n')[1] ?? '') as { detail: string };
    expect(detail).toContain(reason);
  });
});

describe('a caller that disconnects during its request', () => {
  it('is not logged as our failure, although its connection ends like a broken one of ours', async () => {
    const lines: string[] = [];
    const logger = createLogger({
      name: 'things',
      level: 'debug',
      destination: { write: (line) => lines.push(line) },
    });
    const other = await createHttpApp(ThingsModule, { logger, metrics: new Metrics() });
    await other.listen({ host: '127.0.0.1', port: 0 });
    const head = 'POST /things HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';
    const socket = connect(Number(new URL(await other.getUrl()).port), '127.0.0.1', () =>
      socket.write(`${head}content-length: 9\r\nexpect: 100-continue\r\n\r\n{`),
    );
    // The server has sent 100 Continue, so it is reading the body.
    socket.once('data', () => socket.destroy());
    const refused = await eventually(() => {
      const line = lines.find((each) => each.includes('/things'));
      if (line === undefined) throw new Error('not logged yet');
      return JSON.parse(line) as object;
    });
    expect(refused).toMatchObject({ level: 'debug', status: 400 });
    expect(refused).not.toHaveProperty('err');
    await other.close();
  });
});

describe('the service addresses', () => {
  it('name the unavailable dependency, and stay alive meanwhile', async () => {
    storeIsUp = false;
    const unready = await fetch(`${base}/readyz`);
    expect(unready.status).toBe(503);
    expect(await unready.json()).toEqual({
      status: 'unready',
      checks: { store: { status: 'down', reason: 'failed' } },
    });
    const scrape = await fetch(`${base}/metrics`);
    expect(await scrape.text()).toContain('quittance_dependency_up{dependency="store"} 0');
    expect((await fetch(`${base}/livez`)).status).toBe(200);
    storeIsUp = true;
    const ready = await fetch(`${base}/readyz`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toEqual({ status: 'ready', checks: { store: { status: 'up' } } });
  });

  it('count requests by route template and status', async () => {
    await fetch(`${base}/things/broken/denied`);
    const answer = await fetch(`${base}/metrics`);
    expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    const text = await answer.text();
    expect(text).toMatch(
      /quittance_http_request_seconds_count{method="GET",route="\/things\/broken\/:how",status="401"} \d/,
    );
    expect(text).toContain('route="none",status="404"');
    expect(text).not.toContain('nowhere');
  });
});
