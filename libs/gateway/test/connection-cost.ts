// The cost of a connection for each request: `npx tsx libs/gateway/test/connection-cost.ts
// [requests]` prints the milliseconds of the client's CPU for one request over a reused connection,
// over a new one, and over a new one that resumes a TLS session, alternating.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import * as http from 'node:http';
import * as https from 'node:https';
import { fileURLToPath } from 'node:url';
import { Metrics } from '@quittance/platform';
import { GatewayClient } from '../src/index.js';
import { TestAuthority } from '../../../test/support/certificates.js';
import { TestGateway } from './gateway-servers.js';

type Send = () => Promise<void>;

const BODY = JSON.stringify({ reference: 'R-1', filler: 'x'.repeat(1_000) });
/** Of each way in each round. */
const REQUESTS = Number(process.argv[2] ?? 2_000);
const ROUNDS = 5;
const IN_FLIGHT = 16;

/** The gateways, in a process of their own so that the client's CPU time is the client's alone. */
async function serve(): Promise<void> {
  const authority = new TestAuthority();
  const plain = await TestGateway.start();
  const tls = await TestGateway.start({ certified: authority.certify('127.0.0.1') });
  process.send?.({ ca: authority.cert, plain: plain.port, tls: tls.port });
  process.once('disconnect', () => process.exit());
}

/** By an agent of Node's: reused connections, or resumed sessions. */
function byAgent(request: typeof http.request, port: number, agent: http.Agent): Send {
  const headers = { 'content-length': Buffer.byteLength(BODY) };
  const options = { host: '127.0.0.1', port, method: 'POST', agent, headers };
  return () =>
    new Promise((resolve, reject) => {
      const outgoing = request(options, (reply) => reply.resume().once('end', () => resolve()));
      outgoing.once('error', reject).end(BODY);
    });
}

/** As the worker sends. */
function byClient(client: GatewayClient, baseUrl: string): Send {
  const request = { path: '/', contentType: 'application/json', body: BODY };
  return async () => {
    const limits = { timeoutMs: 5_000, mayStart: () => true };
    const { kind } = await client.create({ baseUrl, mode: 'test' }, request, limits);
    if (kind !== 'replied') throw new Error(`the request was ${kind}`);
  };
}

async function cpuMs(send: Send): Promise<number> {
  let left = REQUESTS;
  const before = process.cpuUsage();
  const sendAll = async () => {
    while (left-- > 0) await send();
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, sendAll));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / REQUESTS;
}

async function measure(): Promise<void> {
  const server = fork(fileURLToPath(import.meta.url), ['serve']);
  const [{ ca, plain, tls }] = (await once(server, 'message')) as [
    { ca: string; plain: number; tls: number },
  ];
  const client = new GatewayClient({ metrics: new Metrics(), inquiryTimeoutMs: 5_000, ca });
  const reused = { keepAlive: true, maxSockets: IN_FLIGHT };
  const ways: Readonly<Record<string, Send>> = {
    'plain, reused': byAgent(http.request, plain, new http.Agent(reused)),
    'plain, new': byClient(client, `http://127.0.0.1:${plain}`),
    'TLS, reused': byAgent(https.request, tls, new https.Agent({ ...reused, ca })),
    'TLS, new': byClient(client, `https://127.0.0.1:${tls}`),
    'TLS, new, session resumed': byAgent(https.request, tls, new https.Agent({ ca })),
  };
  const figures: Record<string, number[]> = {};
  for (const send of Object.values(ways)) await cpuMs(send);
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [way, send] of Object.entries(ways)) (figures[way] ??= []).push(await cpuMs(send));
  for (const [way, values] of Object.entries(figures)) {
    const median = values.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)];
    console.log(`${way.padEnd(26)} ${median?.toFixed(2)} ms`);
  }
  server.disconnect();
  client.close();
}

await (process.argv[2] === 'serve' ? serve() : measure());
