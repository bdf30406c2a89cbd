// Goal: the client that sends raw bytes tells an answer from a hang and from a crash. Method:
// servers that write what a test gives them, byte by byte.
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { send } from './raw-client.js';

/** More than a busy machine takes for an answer. */
const ANSWERED_WITHIN_MS = 30_000;
const LATE_AFTER_MS = 300;

const servers: { readonly server: Server; readonly sockets: Set<Socket> }[] = [];
afterEach(async () => {
  for (const { server, sockets } of servers.splice(0)) {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** Asks a server that answers a connection as `speak` says. */
async function asked(
  speak: (socket: Socket) => void,
  options: { isHead?: boolean; limitMs?: number } = {},
) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', () => speak(socket));
  });
  servers.push({ server, sockets });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const bytes = Buffer.from('GET / HTTP/1.1\r\n\r\n');
  return send({ host: '127.0.0.1', port }, { bytes, limitMs: ANSWERED_WITHIN_MS, ...options });
}

const says = (text: string) => (socket: Socket) => void socket.write(text);
const LENGTH = 'HTTP/1.1 200 OK\r\nContent-Type: a/b\r\ncontent-length: 5\r\n\r\n';

it.each([
  ['with a length', `${LENGTH}helloX`],
  [
    'in chunks',
    'HTTP/1.1 200 OK\r\ncontent-type: a/b\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n',
  ],
  ['after 100 Continue', `HTTP/1.1 100 Continue\r\n\r\n${LENGTH}hello`],
])('reads an answer %s', async (_, text) => {
  expect(await asked(says(text))).toMatchObject({
    ended: 'answered',
    status: 200,
    type: 'a/b',
    text: 'hello',
  });
});

it('reads an answer that ends with the connection, and one to HEAD', async () => {
  const untilEnd = (socket: Socket) => void socket.end('HTTP/1.1 400 Bad\r\n\r\nhello');
  expect(await asked(untilEnd)).toMatchObject({ ended: 'answered', status: 400, text: 'hello' });
  expect(await asked(says(LENGTH), { isHead: true })).toMatchObject({ status: 200, text: '' });
});

it.each([
  ['nothing', ''],
  ['half an answer', `${LENGTH}he`],
  ['half a head', 'HTTP/1.1 200 OK\r\nconten'],
])('calls it late when the server says %s and stays', async (_, text) => {
  expect(await asked(says(text), { limitMs: LATE_AFTER_MS })).toMatchObject({ ended: 'late' });
});

it.each(['', `${LENGTH}he`])('calls it cut when the server says "%s" and goes', async (text) => {
  expect(await asked((socket) => void socket.end(text))).toMatchObject({ ended: 'cut' });
  const resets = (socket: Socket) => void socket.write(text, () => socket.resetAndDestroy());
  expect(await asked(resets)).toMatchObject({ ended: 'cut' });
});
