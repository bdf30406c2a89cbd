// The part "places": one terminal's gateway never answers. It measures how much longer the payments
// of another terminal in the same lane take.
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { resultOf, startStack, stopStack, type Context, type PartResult } from '../part.js';
import { Caller, paymentRequest } from '../payments.js';
import type { ChaosStack } from '../stack/chaos-stack.js';
import { inParallel } from '../waiting.js';

const SILENT_TERMINAL = 'enc-plain-cb';
const HEALTHY_EVERY_MS = 500;
const SILENT_EVERY_MS = 125;
const AT_ONCE = 24;

/**
 * `places` are those of the lane; `lastsMs` is how long healthy payments arrive; `atOnce` and
 * `queued` are the silent terminal's payments ahead of them; `delayedByMs` is how much longer than
 * without a silent terminal they may take, at the 95th percentile.
 */
interface Sizes {
  readonly places: number;
  readonly lastsMs: number;
  readonly atOnce: number;
  readonly queued: number;
  readonly delayedByMs: number;
}

const FULL: Sizes = {
  places: 256,
  lastsMs: 40_000,
  atOnce: 360,
  queued: 5_000,
  delayedByMs: 1_000,
};
/** A call to the silent gateway takes 30 s, which is how long others would wait. */
const SHORT: Sizes = { places: 32, lastsMs: 3_000, atOnce: 60, queued: 120, delayedByMs: 15_000 };

/**
 * As in production: a call is waited for much longer than another terminal's payment may be
 * delayed.
 */
const TIMES = { GATEWAY_TIMEOUT_MS: '30000', JOB_LOCK_MS: '60000', STOP_LIMIT_MS: '35000' };

/**
 * The reference of a create call that has arrived in full, else null. The reference is sent in
 * clear beside the encrypted text, so that the gateway finds duplicates.
 */
function referenceIn(text: string): string | null {
  const [, head = '', body = ''] = /^(POST [^]*?)\r\n\r\n([^]*)$/.exec(text) ?? [];
  const [, length = Infinity] = /\r\ncontent-length: (\d+)/i.exec(head) ?? [];
  return body.length < Number(length) ? null : new URLSearchParams(body).get('reference');
}

/** Accepts every connection and never replies. */
class SilentGateway {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #paying = new Set<Socket>();
  /** Of the payments that have reached it. */
  readonly references: string[] = [];

  private constructor() {
    this.#server = createServer((socket) => this.#take(socket));
  }

  static async start(): Promise<SilentGateway> {
    const gateway = new SilentGateway();
    await once(gateway.#server.listen(0, '127.0.0.1'), 'listening');
    return gateway;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Payments in flight; inquiries are not counted. */
  get inFlight(): number {
    return this.#paying.size;
  }

  #take(socket: Socket): void {
    this.#sockets.add(socket);
    let text = '';
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      const reference = referenceIn(text);
      if (reference === null || this.#paying.has(socket)) return;
      this.#paying.add(socket);
      this.references.push(reference);
    });
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#paying.delete(socket);
    });
  }

  /** Cuts every connection, so that no caller waits any more. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

/** The status of one payment, and the time from its request to its end. */
async function pay({ urls, apiKey }: ChaosStack, reference: string) {
  const startedAt = performance.now();
  const response = await fetch(`${urls.api}/v1/payment-intents`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${apiKey}`,
      'content-type': 'application/json',
      prefer: 'wait=30',
    },
    body: JSON.stringify(paymentRequest(reference, { sandboxUrl: urls.sandbox })),
  });
  const { status } = (await response.json()) as { status: string };
  return { reference, status, ms: performance.now() - startedAt };
}

/** Payments of the healthy terminal, one every half second. */
async function payHealthy(stack: ChaosStack, prefix: string, lastsMs: number) {
  const payments: ReturnType<typeof pay>[] = [];
  const endsAt = Date.now() + lastsMs;
  while (Date.now() < endsAt) {
    payments.push(pay(stack, `${prefix}-${payments.length}`));
    await pause(HEALTHY_EVERY_MS);
  }
  return Promise.all(payments);
}

interface Round {
  readonly name: string;
  /** Payments of the silent terminal before the healthy ones begin; with 0 it gets none at all. */
  readonly ahead: number;
  readonly prefix: string;
  readonly lastsMs: number;
}

async function playRound(stack: ChaosStack, { name, ahead, prefix, lastsMs }: Round) {
  const caller = Caller.of(stack);
  const accept = (reference: string) => caller.accept(reference, { terminal: SILENT_TERMINAL });
  const references = Array.from({ length: ahead }, (_, at) => `${prefix}-silent-${at}`);
  await inParallel(references, AT_ONCE, accept);
  let isOver = ahead === 0;
  const payIntoSilence = async () => {
    for (let count = 0; !isOver; count += 1) {
      await accept(`${prefix}-later-${count}`);
      await pause(SILENT_EVERY_MS);
    }
  };
  const [healthy] = await Promise.all([
    payHealthy(stack, prefix, lastsMs).finally(() => (isOver = true)),
    payIntoSilence(),
  ]);
  const times = healthy.map(({ ms }) => ms);
  const problems = healthy
    .filter(({ status }) => status !== 'succeeded')
    .map(({ reference, status }) => `${reference} is ${status}`);
  const p95 = percentile(times, 0.95);
  const cells = [healthy.length, percentile(times, 0.5), p95, Math.max(...times)].map(Math.round);
  return { name, problems, cells, p95 };
}

async function playRounds(context: Context, stack: ChaosStack, gateway: SilentGateway) {
  const { run, step, scale } = context;
  const { places, lastsMs, atOnce, queued, delayedByMs } = scale.isShort ? SHORT : FULL;
  const rounds = [
    { name: 'no payments', ahead: 0 },
    { name: `${atOnce} payments at once, then 8 a second`, ahead: atOnce },
    { name: `${queued} payments queued, then 8 a second`, ahead: queued },
  ];
  const rows = [];
  let quietP95: number | undefined;
  for (const [at, round] of rounds.entries()) {
    const before = gateway.references.length;
    const { name, problems, cells, p95 } = await step('silent gateway', (say) => {
      say(round.name);
      return playRound(stack, { ...round, prefix: `places-${run}-${at}`, lastsMs });
    });
    const { inFlight } = gateway;
    const delayMs = p95 - (quietP95 ??= p95);
    if (delayMs >= delayedByMs)
      problems.push(`others waited ${Math.round(delayMs)} ms longer at the 95th percentile`);
    if (inFlight > places / 2)
      problems.push(`${inFlight} calls were in flight to the silent gateway`);
    const calls = gateway.references.length - before;
    rows.push({ name, problems, cells: [...cells, calls, inFlight] });
  }
  return rows;
}

export async function silentGatewayPart(context: Context): Promise<PartResult> {
  const { places } = context.scale.isShort ? SHORT : FULL;
  const stack = await startStack(context, { prefix: 'places' });
  const gateway = await SilentGateway.start();
  await stack.replace('worker', { ...TIMES, SUBMISSION_CONCURRENCY: String(places) });
  const toGateway = `UPDATE terminals SET base_url = $1 WHERE name = '${SILENT_TERMINAL}'`;
  await stack.query(toGateway, [gateway.url]);
  const rows = await playRounds(context, stack, gateway);
  await gateway.close();
  await stack.query(toGateway, [stack.urls.sandbox]);
  await stack.replace('worker');
  await stopStack(context, stack);
  const repeated = gateway.references.length - new Set(gateway.references).size;
  if (repeated > 0) rows[0]?.problems.push(`${repeated} requests reached the silent gateway twice`);
  const head = [
    'silent terminal',
    'payments',
    'p50 ms',
    'p95 ms',
    'slowest ms',
    'unanswered calls',
    'at the end',
  ];
  return resultOf(head, rows);
}
