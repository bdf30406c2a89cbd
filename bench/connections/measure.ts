// What a connection of its own costs a request: `npx tsx bench/connections/measure.ts [requests]`,
// after `npm run build`. Milliseconds of the client's CPU for one request over a connection that is
// kept, over one of its own, and over one of its own that resumes a TLS session, taking turns.
// Needs the program openssl, for a certificate.
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent as PlainAgent, request as plainRequest } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

const compiled = (lib: string): string =>
  new URL(`../../dist/libs/${lib}/src/index.js`, import.meta.url).href;
const { GatewayClient }: typeof import('@quittance/gateway') = await import(compiled('gateway'));
const { Metrics }: typeof import('@quittance/platform') = await import(compiled('platform'));

/** One request from start to end. */
type Send = () => Promise<void>;

const BODY = JSON.stringify({ reference: 'R-1', filler: 'x'.repeat(1_000) });
const ROUNDS = 5;
const UNDER_WAY = 16;
const requests = Number(process.argv[2] ?? 2_000);

function certificate(folder: string): string {
  const files = ['-keyout', `${folder}/key.pem`, '-out', `${folder}/cert.pem`];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '1'];
  execFileSync('openssl', ['req', '-x509', ...key, ...files, ...name], { stdio: 'ignore' });
  return readFileSync(`${folder}/cert.pem`, 'utf8');
}

/** By way of an agent of Node's: kept connections, or resumed sessions. */
function byAgent(
  request: typeof plainRequest | typeof tlsRequest,
  port: number,
  agent: PlainAgent,
): Send {
  const headers = { 'content-length': Buffer.byteLength(BODY) };
  const options = { host: '127.0.0.1', port, method: 'POST', path: '/', agent, headers };
  return () =>
    new Promise((resolve, reject) => {
      const outgoing = request(options, (reply) => reply.resume().once('end', () => resolve()));
      outgoing.once('error', reject).end(BODY);
    });
}

/** As the worker does. */
function byClient(gateway: typeof client, baseUrl: string): Send {
  const request = { path: '/', contentType: 'application/json', body: BODY };
  return async () => {
    const limits = { timeoutMs: 5_000, mayStart: () => true };
    const { kind } = await gateway.create({ baseUrl, mode: 'test' }, request, limits);
    if (kind !== 'replied') throw new Error(`the request was ${kind}`);
  };
}

async function cpuMs(send: Send): Promise<number> {
  let left = requests;
  const before = process.cpuUsage();
  const sendOn = async () => {
    while (left-- > 0) await send();
  };
  await Promise.all(Array.from({ length: UNDER_WAY }, sendOn));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / requests;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const folder = mkdtempSync(`${tmpdir()}/connections-`);
const ca = certificate(folder);
const server = fork(fileURLToPath(new URL('server.ts', import.meta.url)), [folder]);
const [[plainPort, tlsPort]] = (await once(server, 'message')) as [[number, number]];
const client = new GatewayClient({ metrics: new Metrics(), inquiryTimeoutMs: 5_000, ca });
const kept = { keepAlive: true, maxSockets: UNDER_WAY };
const ways = {
  'plain, kept': byAgent(plainRequest, plainPort, new PlainAgent(kept)),
  'plain, its own': byClient(client, `http://127.0.0.1:${plainPort}`),
  'TLS, kept': byAgent(tlsRequest, tlsPort, new TlsAgent({ ...kept, ca })),
  'TLS, its own': byClient(client, `https://127.0.0.1:${tlsPort}`),
  'TLS, its own, session resumed': byAgent(tlsRequest, tlsPort, new TlsAgent({ ca })),
};
const figures = new Map<string, number[]>();
for (const send of Object.values(ways)) await cpuMs(send);
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [way, send] of Object.entries(ways))
    figures.set(way, [...(figures.get(way) ?? []), await cpuMs(send)]);
}
for (const [way, values] of figures) {
  console.log(`${way.padEnd(30)} ${median(values).toFixed(2)} ms`);
}
server.disconnect();
client.close();
rmSync(folder, { recursive: true });
