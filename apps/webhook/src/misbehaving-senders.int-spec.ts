// Goal: a sender that is too slow, sends too much or has an unlisted address does not affect
// others. Method: raw sockets that misbehave.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { eventually } from '../../../test/support/eventually.js';
import { envelope, fields } from '../test/callback-bodies.js';
import { WebhookRig } from '../test/webhook-rig.js';

/** Opens a connection that stays open when the server ends its side, and records what arrives. */
async function openConnection(rig: WebhookRig) {
  const { hostname, port } = await rig.url();
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  const state = { socket, text: '', isClosed: false };
  socket.on('data', (chunk: Buffer) => (state.text += chunk.toString()));
  socket.on('error', () => undefined).on('close', () => (state.isClosed = true));
  await once(socket, 'connect');
  return state;
}

const head = (path: string, ...headers: string[]) =>
  [`POST ${path} HTTP/1.1`, 'host: x', 'content-type: application/json', ...headers].join('\r\n');

/** Writes a byte every 100 ms until the connection is closed. */
function dribble(socket: Socket): NodeJS.Timeout {
  return setInterval(() => socket.writable && socket.write('a'), 100);
}

describe('a sender that is too slow', () => {
  let rig: WebhookRig;
  beforeAll(async () => {
    rig = await WebhookRig.start({ env: { CALLBACK_ARRIVES_WITHIN_MS: '500' } });
    await rig.reset();
  });
  afterAll(() => rig.stop());

  it.each([
    ['its headers', 'POST /callbacks/x HTTP/1.1\r\nx-slow: '],
    ['its body', `${head('/callbacks/x', 'content-length: 5000')}\r\n\r\n{`],
    [
      'its body in chunks',
      `${head('/callbacks/x', 'transfer-encoding: chunked')}\r\n\r\n1000\r\n{`,
    ],
  ])('with %s is disconnected, even if it never stops', async (_, start) => {
    const sender = await openConnection(rig);
    sender.socket.write(start);
    const timer = dribble(sender.socket);
    try {
      await eventually(() => expect(sender.isClosed).toBe(true));
    } finally {
      clearInterval(timer);
      sender.socket.destroy();
    }
    expect(sender.text).toMatch(/^HTTP\/1\.1 408 /);
  });
});

describe('a body beyond 64 KiB', () => {
  let rig: WebhookRig;
  beforeAll(async () => {
    rig = await WebhookRig.start();
    await rig.reset();
  });
  afterAll(() => rig.stop());

  it.each([
    ['with its length declared', 'content-length: 1000000000', (text: string) => text],
    [
      'in chunks',
      'transfer-encoding: chunked',
      (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`,
    ],
  ])('is not read to its end: %s', async (_, header, framed) => {
    const sender = await openConnection(rig);
    sender.socket.write(`${head('/callbacks/x', header)}\r\n\r\n`);
    const piece = framed('x'.repeat(16 * 1024));
    // The sender offers a gigabyte; the kernel's buffers take only a little of it.
    let offered = 0;
    const offer = () => {
      while (!sender.isClosed && sender.socket.writable && sender.socket.write(piece))
        offered += piece.length;
    };
    sender.socket.on('drain', offer);
    offer();
    await eventually(() => expect(sender.isClosed).toBe(true));
    expect(offered).toBeLessThan(64 * 1024 * 1024);
    expect(sender.text).toMatch(/^(HTTP\/1\.1 413 |$)/);
  });
});

describe('a source that is not listed', () => {
  it('gets the usual response, and its callback is not stored', async () => {
    const rig = await WebhookRig.start({ env: { CALLBACK_SOURCES: '203.0.113.0/24' } });
    try {
      await rig.reset();
      const payment = await rig.accept();
      const body = envelope(JSON.stringify(fields(payment, '25')));
      const answer = await rig.post(rig.addressOf(payment), body);
      expect(answer).toEqual({ status: 200, body: '{"received":true}', retryAfter: null });
      expect(await rig.load(payment)).toEqual(payment);
      expect(await rig.rows('SELECT 1 FROM callbacks')).toEqual([]);
      expect(await rig.metrics()).toMatch(/callbacks_total\{verdict="other_source"\} 1$/m);
    } finally {
      await rig.stop();
    }
  });
});
