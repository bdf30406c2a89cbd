// Goal: the client understands every encoding that the gateway's server may legally use. Method:
// raw bytes on real sockets; a create, a refund and an inquiry must each find the approved
// transaction in the reply.
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { Metrics } from '@quittance/platform';
import { afterRequest, ByteServer } from '../test/byte-server.js';
import { GatewayClient } from './gateway-client.js';
import { interpretRefundReply, interpretReply } from './interpret-reply.js';

const client = new GatewayClient({ metrics: new Metrics(), inquiryTimeoutMs: 5_000 });
afterAll(() => client.close());

const REQUEST = { path: '/api/s2s', contentType: 'application/json', body: '{}' } as const;
const LIMITS = { timeoutMs: 5_000, mayStart: () => true };

const transaction = (orderStatus: string) =>
  `{"transID":"100135250426141606","order_status":"${orderStatus}","response":"Genehmigt für Müller"}`;

interface Sent {
  readonly before?: string;
  readonly status?: string;
  readonly headers?: readonly string[];
  readonly body: Buffer | string;
}

/** Returns the bytes of a reply, with a content-length unless `headers` define its end. */
function bytesOf({ before = '', status = 'HTTP/1.1 200 OK', headers = [], body }: Sent): Buffer {
  const hasFraming = headers.some((line) => /^(?:transfer-encoding|connection): /i.test(line));
  const framing = hasFraming ? [] : [`content-length: ${Buffer.byteLength(body)}`];
  const head = [status, ...framing, ...headers].join('\r\n');
  return Buffer.concat([Buffer.from(`${before}${head}\r\n\r\n`), Buffer.from(body)]);
}

/** Resolves with the interpretations of a reply by the three kinds of request. */
async function interpretations(sent: (orderStatus: string) => Sent) {
  let orderStatus = '1';
  const server = await ByteServer.start(
    afterRequest((socket) => socket.end(bytesOf(sent(orderStatus)))),
  );
  try {
    const account = { baseUrl: server.origin, mode: 'test', number: 42 } as const;
    const created = interpretReply(await client.create(account, REQUEST, LIMITS), account);
    const asked = await client.lookUp(account, '100135250426141606');
    orderStatus = '8';
    const refunded = interpretRefundReply(await client.refund(account, REQUEST, LIMITS), account);
    return { created, asked, refunded };
  } finally {
    await server.close();
  }
}

const report = { transId: '100135250426141606', response: 'Genehmigt für Müller' };
const understood = {
  created: { kind: 'reported', report: { ...report, orderStatus: '1' } },
  asked: { kind: 'reported', report: { ...report, orderStatus: '1' } },
  refunded: { kind: 'accepted', report: { ...report, orderStatus: '8' } },
};

const chunked = (bytes: Buffer) =>
  [...bytes].map((byte) => `1\r\n${String.fromCharCode(byte)}\r\n`).join('') +
  '0\r\nx-trailer: 1\r\n\r\n';
const latin1 = (text: string) => Buffer.from(text, 'latin1');
const type = (value: string) => [`content-type: ${value}`];

it.each<[string, (text: string) => Sent]>([
  ['a plain reply', (body) => ({ body })],
  ['a byte order mark before the JSON', (body) => ({ body: `\uFEFF${body}` })],
  [
    'two byte order marks and a line break before the JSON',
    (body) => ({ body: `\uFEFF\uFEFF\r\n${body}` }),
  ],
  ['blanks and line breaks around the JSON', (body) => ({ body: `\r\n \t${body}\r\n\r\n` })],
  ['UTF-16 with a mark', (body) => ({ body: Buffer.from(`\uFEFF${body}`, 'utf16le') })],
  [
    'UTF-16 by name',
    (body) => ({
      headers: type('application/json;charset=utf-16le'),
      body: Buffer.from(body, 'utf16le'),
    }),
  ],
  [
    'Latin-1 by name',
    (body) => ({ headers: type('application/json; charset=ISO-8859-1'), body: latin1(body) }),
  ],
  ['Latin-1 without a name', (body) => ({ headers: type('application/json'), body: latin1(body) })],
  [
    'Latin-1 called UTF-8',
    (body) => ({ headers: type('application/json; charset=utf-8'), body: latin1(body) }),
  ],
  ['an unknown charset', (body) => ({ headers: type('application/json; charset=x-bank'), body })],
  ['another content type', (body) => ({ headers: type('text/html;charset=UTF-8'), body })],
  ['“continue” before', (body) => ({ before: 'HTTP/1.1 100 Continue\r\n\r\n', body })],
  [
    '“early hints” before',
    (body) => ({ before: 'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n', body }),
  ],
  [
    '“processing” ten times before',
    (body) => ({ before: 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(10), body }),
  ],
  [
    '“continue” and “early hints” before',
    (body) => ({ before: 'HTTP/1.1 100 C\r\nx: y\r\n\r\nHTTP/1.1 103 E\r\n\r\n', body }),
  ],
  ['a line break before the status', (body) => ({ before: '\r\n', body })],
  ['no reason phrase', (body) => ({ status: 'HTTP/1.1 200 ', body })],
  ['HTTP/1.0', (body) => ({ status: 'HTTP/1.0 200 OK', body })],
  ['the end of the connection as its end', (body) => ({ headers: ['connection: close'], body })],
  [
    'HTTP/1.0 and the end of the connection as its end',
    (body) => ({ status: 'HTTP/1.0 200 OK', headers: ['connection: close'], body }),
  ],
  [
    'chunks of a byte and a trailer',
    (body) => ({
      headers: ['transfer-encoding: chunked'],
      body: latin1(chunked(Buffer.from(body))),
    }),
  ],
  ['unrequested gzip', (body) => ({ headers: ['content-encoding: gzip'], body: gzipSync(body) })],
  [
    'unrequested deflate',
    (body) => ({ headers: ['Content-Encoding: Deflate'], body: deflateSync(body) }),
  ],
  [
    'unrequested brotli',
    (body) => ({ headers: ['content-encoding: br'], body: brotliCompressSync(body) }),
  ],
  [
    'a line break after the reply',
    (body) => ({
      headers: [`content-length: ${Buffer.byteLength(body)}`, 'connection: keep-alive'],
      body: `${body}\r\n`,
    }),
  ],
])('is understood: %s', async (_what, sent) => {
  expect(await interpretations((orderStatus) => sent(transaction(orderStatus)))).toMatchObject(
    understood,
  );
});

it.each<[string, Sent]>([
  ['an empty body', { body: '' }],
  ['204', { status: 'HTTP/1.1 204 No Content', headers: ['connection: close'], body: '' }],
  ['304', { status: 'HTTP/1.1 304 Not Modified', body: '' }],
  [
    'switching protocols',
    {
      status: 'HTTP/1.1 101 Switching',
      headers: ['connection: upgrade', 'upgrade: h2c'],
      body: transaction('1'),
    },
  ],
  [
    '“continue” and nothing more',
    { before: 'HTTP/1.1 100 Continue\r\n\r\n', status: '', headers: ['connection: x'], body: '' },
  ],
  ['more after the JSON', { body: `${transaction('1')}}` }],
  ['two transactions', { body: transaction('1') + transaction('2') }],
  ['only a byte order mark between blanks', { body: ' \uFEFF ' }],
  ['an unknown coding', { headers: ['content-encoding: zstd'], body: transaction('1') }],
  ['a wrong gzip header', { headers: ['content-encoding: gzip'], body: transaction('1') }],
  [
    'gzip cut off',
    { headers: ['content-encoding: gzip'], body: gzipSync(transaction('1')).subarray(0, 30) },
  ],
  [
    'gzip of 100 MB',
    { headers: ['content-encoding: gzip'], body: gzipSync(Buffer.alloc(100_000_000)) },
  ],
])('proves nothing: %s', async (_what, sent) => {
  expect(await interpretations(() => sent)).toMatchObject({
    created: { kind: 'unknown' },
    refunded: { kind: 'unknown' },
    asked: { kind: 'unanswered' },
  });
});
