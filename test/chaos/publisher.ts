// Publishes payments as jobs, as a careful service does: until a job returns the payment, it
// publishes it again.
import { setTimeout as pause } from 'node:timers/promises';
import { type Job, Queue } from 'bullmq';
import { type Cluster, Redis } from 'ioredis';
import { documentedPublish, type PublishPayment } from '../support/documented-snippet.js';
import { CARD, paymentRequest } from './payments.js';
import { Signer } from './signer.js';
import type { ChaosStack } from './stack/chaos-stack.js';

const LOOK_EVERY_MS = 100;
/** Longer than a job takes, and shorter than the lock of a job whose process died. */
const AGAIN_AFTER_MS = 5_000;
const STORED_WITHIN_MS = 60_000;

/** The way of a publisher to its queue. */
interface PublisherRedis {
  readonly prefix: string;
  readonly connect: () => Redis | Cluster;
}

export class JobPublisher {
  readonly #stack: ChaosStack;
  readonly #signer: Signer;
  readonly #publish: PublishPayment;
  readonly #prefix: string;
  readonly #connect: () => Redis | Cluster;

  constructor(
    stack: ChaosStack,
    signer: Signer,
    publish: PublishPayment,
    { prefix, connect }: PublisherRedis,
  ) {
    this.#stack = stack;
    this.#signer = signer;
    this.#publish = publish;
    this.#prefix = prefix;
    this.#connect = connect;
  }

  static async of(
    stack: ChaosStack,
    redis: PublisherRedis = {
      prefix: 'quittance',
      connect: () => new Redis(stack.servers.redis.url, { maxRetriesPerRequest: null }),
    },
  ): Promise<JobPublisher> {
    return new JobPublisher(stack, await Signer.of(stack), await documentedPublish(), redis);
  }

  /** Publishes until a job has returned the payment of a card. */
  accept(reference: string, card: object = CARD): Promise<void> {
    return this.#onQueue(async (queue) => {
      const deadline = Date.now() + STORED_WITHIN_MS;
      while (Date.now() < deadline) {
        // The api, which has the key for the card, may be down.
        const job = await this.#published(queue, reference, card).catch(() => undefined);
        if (job && (await isStored(queue, job))) return;
        if (!job) await pause(LOOK_EVERY_MS);
      }
      throw new Error(`${reference} was not stored in time`);
    });
  }

  /** Publishes a job whose data is a card in clear. */
  publishInClear(reference: string): Promise<unknown> {
    return this.#onQueue((queue) => queue.add('payment.create.v1', this.#request(reference)));
  }

  /** Publishes a job whose name is a card number. */
  publishAsName(): Promise<unknown> {
    return this.#onQueue((queue) => queue.add(CARD.number, {}));
  }

  /** True while a job contains the number of the card in clear. */
  holdsCard(): Promise<boolean> {
    return this.#onQueue(async (queue) => {
      const jobs = await queue.getJobs();
      // A job is undefined when it vanished meanwhile.
      return JSON.stringify(jobs.map((job?: Job) => job?.asJSON())).includes(CARD.number);
    });
  }

  #published(queue: Queue, reference: string, card: object): Promise<Job> {
    const { card: _clear, ...payment } = this.#request(reference);
    const { keyId, privateKey } = this.#signer;
    const by = { card, keyId, privateKey, api: this.#stack.urls.api };
    return this.#publish(queue, payment, by);
  }

  #request(reference: string) {
    return paymentRequest(reference, { sandboxUrl: this.#stack.urls.sandbox });
  }

  async #onQueue<T>(use: (queue: Queue) => Promise<T>): Promise<T> {
    const connection = this.#connect();
    const queue = new Queue('payment-intents', { connection, prefix: this.#prefix });
    try {
      return await use(queue);
    } finally {
      await queue.close();
      connection.disconnect();
    }
  }
}

/** Resolves with false when the job took too long. Throws when it was refused. */
async function isStored(queue: Queue, { id = '' }: Job): Promise<boolean> {
  const deadline = Date.now() + AGAIN_AFTER_MS;
  while (Date.now() < deadline) {
    const job: Job | undefined = await queue.getJob(id);
    if (job?.returnvalue) return true;
    if (job?.failedReason) throw new Error(`the job was refused: ${job.failedReason}`);
    await pause(LOOK_EVERY_MS);
  }
  return false;
}
