// `npm run bench -- backlog`: a job in a queue in which a million wait, beside the same in a queue
// in which none does. Each queue has a Redis of its own, and their rounds alternate, so that other
// load on the machine slows both.
import { createLogger, newId, Secret } from '@quittance/platform';
import {
  handleJob,
  inquiryJob,
  JobConsumer,
  type JobConsumerOptions,
  jobNames,
  JobProducer,
  QueueRegistry,
  RedisConnections,
} from '@quittance/queues';
import { Command } from 'commander';
import { cpuMs } from '../../test/support/process-figures.js';
import { eventually } from '../../test/support/eventually.js';
import { wholeNumber } from '../../test/support/options.js';
import type { Session } from '../../tools/processes/session.js';
import { ownDataFolder } from '../../tools/stack/owner.js';
import { startRedis } from '../../tools/servers/redis.js';
import type { LocalServer } from '../../tools/servers/server.js';
import { heading, step, tell } from '../../tools/terminal/progress.mjs';
import { median, rounded } from '../figures.js';

/** The numbers are whole and above 0. */
type Options = Readonly<Record<'jobs' | 'rounds' | 'perRound', number>>;

type Concurrency = JobConsumerOptions['concurrency'];

const JOB = 'payment.inquire.v1';
const PREFIX = 'bench';
const CONCURRENCY = 64;
const ADDED_AT_ONCE = 500;
/** Rounds before anything counts. */
const WARM_UP = 5;
const NAMES = ['empty', 'full'] as const;

const readOptions = (args: readonly string[]): Options =>
  new Command('npm run bench -- backlog')
    .option('--jobs <n>', 'jobs that wait in the full queue', wholeNumber(1), 1_000_000)
    .option('--rounds <n>', 'rounds', wholeNumber(1), 60)
    .option('--per-round <n>', 'jobs of a round', wholeNumber(1), 2_000)
    .showHelpAfterError()
    .parse([...args], { from: 'user' })
    .opts<Options>();

/** `npm run bench -- backlog`. */
export async function benchBacklog(session: Session, args: readonly string[]): Promise<void> {
  const { jobs, rounds, perRound } = readOptions(args);
  heading('Benchmark of a backlog');
  await ownDataFolder();
  const queues = { empty: await BenchQueue.open(session), full: await BenchQueue.open(session) };
  await step('backlog', (say) => queues.full.fill(jobs, say));
  const times = { empty: [] as Round[], full: [] as Round[] };
  await step('rounds', async () => {
    for (let round = -WARM_UP; round < rounds; round += 1)
      for (const name of round % 2 === 0 ? NAMES : NAMES.toReversed()) {
        const measured = await queues[name].round(perRound);
        if (round >= 0) times[name].push(measured);
      }
  });
  const waiting = await queues.full.waiting();
  await Promise.all(NAMES.map((name) => queues[name].close()));
  const figures = {
    empty: figuresOf(times.empty, perRound),
    full: figuresOf(times.full, perRound),
  };
  console.table(figures);
  tell(JSON.stringify({ jobs, waiting, ...figures }));
  await session.stop();
}

/** Milliseconds of the clock and of Redis's CPU. */
interface Round {
  readonly ms: number;
  readonly redisCpuMs: number;
}

function figuresOf(rounds: readonly Round[], jobs: number) {
  const redisCpuMs = rounds.reduce((sum, round) => sum + round.redisCpuMs, 0);
  return {
    us_per_job: rounded((median(rounds.map(({ ms }) => ms)) / jobs) * 1000, 0),
    redis_cpu_us_per_job: rounded((redisCpuMs / rounds.length / jobs) * 1000, 0),
  };
}

/** The queue of inquiries in a Redis of its own, whose worker works during rounds only. */
class BenchQueue {
  readonly #connections: RedisConnections;
  readonly #queues: QueueRegistry;
  readonly #producer: JobProducer;
  readonly #consumer: JobConsumer;
  readonly #redisPid: number;
  #onHandled = () => {};

  private constructor({ url, pid }: LocalServer) {
    const log = createLogger({ name: 'bench', level: 'silent' });
    this.#redisPid = pid;
    this.#connections = new RedisConnections({ url: new Secret(url), log });
    this.#queues = new QueueRegistry(this.#connections, PREFIX);
    this.#producer = new JobProducer(this.#queues);
    const nothing = async () => {};
    this.#consumer = new JobConsumer({
      connections: this.#connections,
      prefix: PREFIX,
      log,
      concurrency: Object.fromEntries(jobNames.map((name) => [name, CONCURRENCY])) as Concurrency,
      handlers: jobNames.map((name) => handleJob(name, name === JOB ? this.#handle : nothing)),
    });
  }

  static async open(session: Session): Promise<BenchQueue> {
    const folder = session.temporaryFolder('redis');
    const queue = new BenchQueue(
      await startRedis(session, { folder, logName: 'redis', isDurable: true }),
    );
    await eventually(() => queue.#connections.check());
    queue.#consumer.start();
    await queue.#consumer.pause();
    return queue;
  }

  /** Adds jobs that wait until the end. */
  async fill(count: number, say: (text: string) => void): Promise<void> {
    for (let added = 0; added < count; added += ADDED_AT_ONCE) {
      await this.#add(Math.min(ADDED_AT_ONCE, count - added));
      if (added % 50_000 === 0) say(`${added} of ${count} jobs`);
    }
  }

  /** Adds jobs of another merchant, and handles as many. */
  async round(count: number): Promise<Round> {
    const [began, cpuBefore] = [performance.now(), cpuMs(this.#redisPid)];
    const handled = new Promise<void>((resolve) => {
      let left = count;
      this.#onHandled = () => void ((left -= 1) === 0 && resolve());
    });
    for (let added = 0; added < count; added += ADDED_AT_ONCE)
      await this.#add(Math.min(ADDED_AT_ONCE, count - added));
    await this.#consumer.resume();
    await handled;
    const measured = {
      ms: performance.now() - began,
      redisCpuMs: cpuMs(this.#redisPid) - cpuBefore,
    };
    await this.#consumer.pause();
    return measured;
  }

  /** The jobs that wait. */
  waiting(): Promise<number> {
    return this.#producer.backlog(JOB);
  }

  async close(): Promise<void> {
    await this.#consumer.close(1_000);
    await this.#queues.close();
    await this.#connections.close();
  }

  readonly #handle = async () => this.#onHandled();

  #add(count: number): Promise<void> {
    const merchantId = newId('mer');
    const first = { merchantId, version: 1, inquiries: 0, at: new Date() };
    return this.#producer.add(
      Array.from({ length: count }, () => inquiryJob({ ...first, paymentId: newId('pi') })),
    );
  }
}
