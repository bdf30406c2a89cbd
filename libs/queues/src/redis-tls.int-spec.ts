// Goal: while TLS to Redis fails, a process and the doctor say why, for each form of REDIS_URL.
// Method: a TLS server of the test whose certificate no one here trusts, and a server without TLS.
// The e2e test of TLS covers trusted certificates.
import {
  createServer as createPlainServer,
  type AddressInfo,
  type Server,
  type Socket,
} from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { createLogger, Secret } from '@quittance/platform';
import { readSentinels, RedisConnections } from '@quittance/redis';
import { TestAuthority } from '../../../test/support/certificates.js';
import { log } from './queues.fixture.js';

const UNTRUSTED = 'UNABLE_TO_VERIFY_LEAF_SIGNATURE';
const FORMS = [
  ['one server', (at: string) => `rediss://:secret@${at}/0`],
  ['Sentinels', (at: string) => `rediss+sentinel://:secret@${at},${at}/quittance/0`],
  ['a Cluster', (at: string) => `rediss+cluster://:secret@${at},${at}`],
] as const;

const servers: Server[] = [];
afterEach(async () => {
  const closed = servers.splice(0).map((server) => new Promise((done) => server.close(done)));
  await Promise.all(closed);
});

async function addressOf(server: Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function untrusted(): Promise<string> {
  const server = createTlsServer(new TestAuthority().certify('127.0.0.1'));
  return addressOf(server.on('tlsClientError', () => undefined));
}

it.each(FORMS)('names the fault of a certificate: %s', async (_, urlAt) => {
  const url = urlAt(await untrusted());
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const logger = createLogger({ name: 'test', level: 'warn', destination });
  const connections = new RedisConnections({ url: new Secret(url), log: logger });
  try {
    for (let check = 0; check < 2; check += 1)
      await expect(connections.check()).rejects.toMatchObject({
        reason: `TLS fails (${UNTRUSTED})`,
      });
    expect(lines.filter((line) => line.includes(`TLS fails (${UNTRUSTED})`))).toHaveLength(1);
    expect(lines.join()).not.toContain('secret');
  } finally {
    await connections.close();
  }
});

describe.each<[string, (socket: Socket) => unknown, string]>([
  ['rejects', (socket) => socket.end('-ERR unknown command\r\n'), 'ERR_SSL_WRONG_VERSION_NUMBER'],
  ['awaits the end of a command', () => undefined, 'no answer'],
])('names a server without TLS that %s', (_, answer, fault) => {
  it.each(FORMS)('%s', async (__, urlAt) => {
    const sockets: Socket[] = [];
    const server = createPlainServer((socket) => {
      sockets.push(socket.on('error', () => undefined).resume());
      answer(socket);
    });
    const url = new Secret(urlAt(await addressOf(server)));
    const connections = new RedisConnections({ url, log });
    try {
      await expect(connections.check()).rejects.toMatchObject({ reason: `TLS fails (${fault})` });
    } finally {
      await connections.close();
      for (const socket of sockets) socket.destroy();
    }
  });
});

it.each(FORMS)('names no fault of TLS where none listens: %s', async (_, urlAt) => {
  const connections = new RedisConnections({ url: new Secret(urlAt('127.0.0.1:1')), log });
  try {
    await expect(connections.check()).rejects.toThrow(/^(?!TLS)/);
  } finally {
    await connections.close();
  }
});

it('names the fault at each Sentinel for the doctor', async () => {
  const at = await untrusted();
  const states = await readSentinels(`rediss+sentinel://${at},127.0.0.1:1/quittance/0`);
  expect(states).toEqual([
    { sentinel: at, primary: undefined, replicas: 0, problem: `does not answer (${UNTRUSTED})` },
    {
      sentinel: '127.0.0.1:1',
      primary: undefined,
      replicas: 0,
      problem: 'does not answer (ECONNREFUSED)',
    },
  ]);
});
