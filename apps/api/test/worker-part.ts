// The worker's part in a payment, for tests of the api: opens the attempt and stores the gateway's reply through the same
// store, and tells whoever waits, without a gateway or a queue.
import { decide, type Evidence, type Payment } from '@quittance/payments';
import { Payments } from '@quittance/persistence';
import { createLogger, Secret } from '@quittance/platform';
import { ChangeSignal, RedisConnections } from '@quittance/queues';
import type { ApiRig } from './api-rig.js';

const REPORT = {
  transId: '100135250426141606',
  orderStatus: '25',
  reference: null,
  amount: null,
  currency: null,
  response: 'ok',
  authUrl: null,
} as const;

const REPLY = {
  outcome: 'reported',
  httpStatus: 200,
  errorNumber: null,
  reason: null,
  durationMs: 12,
};

export class WorkerPart {
  private constructor(
    private readonly store: Payments,
    private readonly redis: RedisConnections,
  ) {}

  static async start({ redis: { url, prefix }, pool }: ApiRig): Promise<WorkerPart> {
    const log = createLogger({ name: 'test', level: 'silent' });
    const redis = new RedisConnections({ url: new Secret(url), log });
    await redis.ping();
    const signal = new ChangeSignal(redis, prefix, log);
    const store = new Payments(pool, (committed) => {
      void signal.announce(committed.map(({ payment }) => payment.id));
    });
    return new WorkerPart(store, redis);
  }

  stop(): Promise<void> {
    return this.redis.close();
  }

  /** Takes the payment for sending, unless something else has happened to it. */
  open(id: string): Promise<Payment> {
    return this.#learn(id, { cause: 'request', act: 'open', replyBefore: new Date() });
  }

  /** The gateway reports a success. */
  report(id: string): Promise<Payment> {
    const outcome = { kind: 'reported', report: REPORT } as const;
    return this.#learn(id, { cause: 'reply', outcome, random: 0 });
  }

  /** The sweeper finds the attempt abandoned. */
  abandon(id: string): Promise<Payment> {
    return this.#learn(id, { cause: 'sweeper', act: 'abandoned' });
  }

  async #learn(id: string, evidence: Evidence): Promise<Payment> {
    const loaded = await this.store.load(id);
    if (!loaded) throw new Error('no such payment');
    const now = new Date();
    const change = await this.store.apply(loaded, ({ payment }) => {
      const decision = decide(payment, evidence, now);
      if (!decision.move) return undefined;
      const isOpening = decision.move.to === 'submitting';
      return {
        before: payment,
        decision,
        terminalName: 'main',
        ...(isOpening && { opensAttempt: { replyBefore: now } }),
        ...(evidence.cause === 'reply' && { closesAttempt: REPLY }),
      };
    });
    return change?.decision.next ?? loaded.payment;
  }
}
