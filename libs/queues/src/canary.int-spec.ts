// Goal: a process that consumes nothing is unready, ends itself only if new connections to Redis
// work, and leaves no key behind. Method: each fault gets a Redis, a proxy and a process's queues
// of its own; all of them run at the same time, because each lasts longer than the limits.
import { Redis } from 'ioredis';
import { Metrics, type NotReady } from '@quittance/platform';
import { Consumption, type ResilientWorker } from '@quittance/redis';
import { eventually } from '../../../test/support/eventually.js';
import { type PrivateRedis, startPrivateRedis } from '../../../test/support/redis.js';
import { linkTo, type SeverableLink } from '../../../test/support/severable-link.js';
import { handleJob } from './job-consumer.js';
import { aPaymentId, gate, log, openTestQueues, recordingHandlers } from './queues.fixture.js';

const SOON = { limitMs: 60_000, everyMs: 50 };

/** Recovery takes up to six seconds: three checks, then a new connection and a new fetch. */
const LIMITS = { unreadyAfterMs: 1_000, exitAfterMs: 13_000 };
/** A fetch of BullMQ lasts up to ten seconds. */
const FETCH_LIMITS = { unreadyAfterMs: 12_000, exitAfterMs: 16_000 };

class Rig {
  readonly metrics = new Metrics();
  readonly handled: string[] = [];
  readonly stuck: string[] = [];
  readonly consumer;
  #limits = LIMITS;
  consumption!: Consumption;

  private constructor(
    readonly first: PrivateRedis,
    readonly second: PrivateRedis,
    readonly link: SeverableLink,
    readonly queues: ReturnType<typeof openTestQueues>,
    handlers?: Parameters<Rig['queues']['consumer']>[0]['handlers'],
  ) {
    this.consumer = queues.consumer({ handlers: handlers ?? recordingHandlers(this.handled) });
  }

  static async start(
    limits = LIMITS,
    handlers?: Parameters<Rig['queues']['consumer']>[0]['handlers'],
  ): Promise<Rig> {
    const [first, second] = [await startPrivateRedis(), await startPrivateRedis()];
    const link = await linkTo(first.url);
    const queues = openTestQueues({ url: link.url, prefix: 'test', clear: async () => {} });
    await eventually(() => queues.connections.check());
    const rig = new Rig(first, second, link, queues, handlers);
    rig.#limits = limits;
    rig.consumer.start();
    rig.watch();
    await rig.well();
    return rig;
  }

  /** Starts the watch of a process on these queues. */
  watch(metrics = this.metrics): void {
    this.consumption = new Consumption({
      connections: this.queues.connections,
      prefix: 'test:canary',
      workers: () => (this.#limits === LIMITS ? [] : this.consumer.workers()),
      limits: this.#limits,
      log,
      metrics,
    });
    this.consumption.onStuck = (reason) => void this.stuck.push(reason);
    this.consumption.start();
  }

  well = () => eventually(() => this.consumption.check(), SOON);

  /** Resolves with the reason once the process is unready. */
  unready(): Promise<string> {
    return eventually(async () => {
      const reason = await this.consumption.check().then(
        () => undefined,
        (error: NotReady) => error.reason,
      );
      if (reason === undefined) throw new Error('ready');
      return reason;
    }, SOON);
  }

  /** Resolves once a job that is added now has been handled. */
  async goesThrough(): Promise<void> {
    const paymentId = await this.add();
    await eventually(() => {
      if (!this.handled.includes(paymentId)) throw new Error('not handled');
    }, SOON);
  }

  async add(): Promise<string> {
    const paymentId = aPaymentId();
    const name = 'payment.inquire.v1';
    const job = { name, payload: { paymentId }, jobId: paymentId, merchantId: 'shop' } as const;
    await eventually(() => this.queues.producer.add([job]), SOON);
    return paymentId;
  }

  on(server: PrivateRedis, ...words: [string, ...string[]]): Promise<unknown> {
    return command(server, ...words);
  }

  /** Ends the process, and resolves with the canary's keys that are left in Redis. */
  async end(): Promise<unknown> {
    await this.consumption.close();
    await this.queues.close();
    const left = await Promise.all(
      [this.first, this.second].map((server) => command(server, 'keys', '*canary*')),
    );
    await this.link.cut();
    await Promise.all([this.first.stop(), this.second.stop()]);
    return left.flat();
  }
}

async function command(server: PrivateRedis, ...words: [string, ...string[]]): Promise<unknown> {
  const redis = new Redis(server.url);
  try {
    return await redis.call(...words);
  } finally {
    redis.disconnect();
  }
}

const after = (ms: number) => {
  const since = performance.now();
  return eventually(() => expect(performance.now() - since).toBeGreaterThan(ms), SOON);
};

type Act = (rig: Rig) => unknown;

const LASTING: [string, Act, Act][] = [
  ['refuses connections', ({ link }) => link.cut(), ({ link }) => link.mend()],
  ['ends connections', ({ link }) => link.endConnections(), ({ link }) => link.speak()],
  [
    'is silent on open and new connections',
    ({ link }) => link.silence({ new: 'silent' }),
    ({ link }) => link.speak(),
  ],
  [
    'accepts no writes, as a replica',
    (rig) => rig.on(rig.first, 'replicaof', '127.0.0.1', String(rig.second.port)),
    (rig) => rig.on(rig.first, 'replicaof', 'no', 'one'),
  ],
  [
    'is out of memory',
    (rig) => rig.on(rig.first, 'config', 'set', 'maxmemory', '1mb'),
    (rig) => rig.on(rig.first, 'config', 'set', 'maxmemory', '0'),
  ],
  [
    'permits no fetch',
    (rig) => rig.on(rig.first, 'acl', 'setuser', 'default', '-evalsha', '-eval', '-bzpopmin'),
    (rig) => rig.on(rig.first, 'acl', 'setuser', 'default', '+@all'),
  ],
  [
    'pauses its clients',
    (rig) => rig.on(rig.first, 'client', 'pause', '600000', 'write'),
    (rig) => rig.on(rig.first, 'client', 'unpause'),
  ],
  ['is suspended', ({ first }) => first.freeze(), ({ first }) => first.resume()],
  ['is gone, and comes back empty', ({ first }) => first.stop(), ({ first }) => first.start()],
];

const PASSING: [string, Act][] = [
  ['falls silent on open connections', ({ link }) => link.silence()],
  ['loses its answers', ({ link }) => link.loseAnswers()],
  [
    'is replaced by another behind the same name',
    async (rig) => {
      rig.link.leadTo(rig.second.url);
      await rig.on(rig.first, 'replicaof', '127.0.0.1', String(rig.second.port));
    },
  ],
];

interface Seen {
  readonly reason?: string;
  readonly stuck: readonly string[];
  readonly left: unknown;
}

async function outlast(fault: Act, mend: Act): Promise<Seen> {
  const rig = await Rig.start();
  await fault(rig);
  const reason = await rig.unready();
  await after(LIMITS.exitAfterMs + 3_000);
  const stuck = [...rig.stuck];
  await mend(rig);
  await rig.goesThrough();
  await rig.well();
  return { reason, stuck, left: await rig.end() };
}

async function recover(fault: Act): Promise<Seen> {
  const rig = await Rig.start();
  await fault(rig);
  await rig.goesThrough();
  await rig.well();
  const stuck = [...rig.stuck];
  return { stuck, left: await rig.end() };
}

describe('a process whose Redis', () => {
  const seen = new Map<string, Promise<Seen>>();
  const seenAt = (what: string) => seen.get(what) ?? Promise.reject(new Error('not tried'));
  beforeAll(async () => {
    for (const [what, fault, mend] of LASTING) seen.set(what, outlast(fault, mend));
    for (const [what, fault] of PASSING) seen.set(what, recover(fault));
    await Promise.allSettled(seen.values());
  }, 240_000);

  it.each(LASTING)('%s is unready meanwhile, does not end, and works afterwards', async (what) => {
    const { reason, stuck } = await seenAt(what);
    expect(reason).toMatch(/^no canary job passed for \d+ s$/);
    expect(stuck).toEqual([]);
  });

  it.each(PASSING)('%s works once its connections are replaced, and does not end', async (what) => {
    expect((await seenAt(what)).stuck).toEqual([]);
  });

  it.each([...LASTING, ...PASSING].map(([what]) => [what]))(
    '%s leaves no key behind at its end',
    async (what) => {
      expect((await seenAt(what)).left).toEqual([]);
    },
  );
});

/** Lets no command of a connection end, as a client with a bug does. */
function hang(redis: Redis): void {
  redis.sendCommand = () => new Promise(() => undefined);
}

const workerOf = (rig: Rig, queue: string): ResilientWorker => {
  const worker = [...rig.consumer.workers()].find(({ name }) => name === queue);
  if (!worker) throw new Error(`no worker of ${queue}`);
  return worker;
};

describe('a process that consumes nothing although Redis works', () => {
  it('ends once, and its successor counts that', async () => {
    const rig = await Rig.start();
    hang(rig.queues.connections.worker);
    await eventually(() => expect(rig.stuck).toEqual(['no canary job passed']), SOON);
    await expect(rig.consumption.check()).rejects.toThrow('no canary job passed for');
    expect(await command(rig.first, 'keys', '*exits*')).toEqual(['test:canary:exits']);
    const successor = openTestQueues({ url: rig.link.url, prefix: 'test', clear: async () => {} });
    const metrics = new Metrics();
    const { prefix, limits } = { prefix: 'test:canary', limits: LIMITS };
    const { connections } = successor;
    const next = new Consumption({ connections, prefix, workers: () => [], limits, log, metrics });
    next.start();
    await eventually(async () =>
      expect(await metrics.registry.metrics()).toContain('quittance_canary_exits_total 1'),
    );
    await next.close();
    await successor.close();
    expect(rig.stuck).toHaveLength(1);
    await rig.end();
  });

  it('ends when one of its queues stands still, and its canary passes', async () => {
    const rig = await Rig.start(FETCH_LIMITS);
    workerOf(rig, 'inquiry').getBackend().moveToActive = () => new Promise(() => undefined);
    await eventually(() => expect(rig.stuck).toEqual(['nothing was fetched from inquiry']), SOON);
    await expect(rig.consumption.check()).rejects.toThrow('nothing was fetched from inquiry for');
    await rig.end();
  });
});

describe('a process that may consume nothing', () => {
  it('stays ready while it is paused, idle, or has no slot free', async () => {
    const { opened, open } = gate();
    let busy = 0;
    const rig = await Rig.start(FETCH_LIMITS, [
      handleJob('payment.inquire.v1', async () => {
        busy += 1;
        await opened;
      }),
      ...recordingHandlers([]).filter(({ name }) => name !== 'payment.inquire.v1'),
    ]);
    await workerOf(rig, 'refund').pause(true);
    for (let at = 0; at < 6; at += 1) await rig.add();
    await eventually(() => expect(busy).toBe(5), SOON);
    await after(FETCH_LIMITS.exitAfterMs);
    await rig.consumption.check();
    expect(rig.stuck).toEqual([]);
    open();
    await eventually(() => expect(busy).toBe(6), SOON);
    await rig.end();
  });

  it('does not count the time in which it was suspended itself', async () => {
    const rig = await Rig.start();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3 * LIMITS.unreadyAfterMs);
    await rig.consumption.check();
    await rig.goesThrough();
    await rig.well();
    expect(rig.stuck).toEqual([]);
    await rig.end();
  });

  it('gives every key an end, for a process that is killed', async () => {
    const rig = await Rig.start();
    const ends = async () => {
      const keys = (await command(rig.first, 'keys', 'test:canary*')) as string[];
      const ttls = keys.map((key) => command(rig.first, 'pttl', key));
      return await Promise.all(ttls);
    };
    await eventually(async () => {
      const found = await ends();
      expect(found.length).toBeGreaterThan(0);
      expect(found.every((ttl) => Number(ttl) > 0)).toBe(true);
    }, SOON);
    await rig.end();
  });
});
