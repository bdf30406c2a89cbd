// Plays the worker for tests of the api: opens attempts, stores the gateway's replies through the
// same store, and signals waiters, without a gateway or a queue.
import { randomUUID } from 'node:crypto';
import {
  decide,
  decideRefund,
  type Evidence,
  type GatewayReport,
  type Outcome,
  type Payment,
  type RefundEvidence,
} from '@quittance/payments';
import { Payments, Refunds } from '@quittance/persistence';
import { createLogger, Secret } from '@quittance/platform';
import { ChangeSignal, RedisConnections } from '@quittance/queues';
import { eventually } from '../../../test/support/eventually.js';
import { newTransId } from '../../../test/support/payments.js';
import type { ApiRig } from './api-rig.js';

const REPORT = {
  state: 'testApproved',
  orderStatus: '25',
  reference: null,
  amount: null,
  currency: null,
  response: 'ok',
  authUrl: null,
  maskedCard: null,
  isOtherTerminal: false,
  unreadable: [],
} as const;

const REPLY = {
  outcome: 'reported',
  httpStatus: 200,
  errorNumber: null,
  reason: null,
  durationMs: 12,
};

export class TestWorker {
  private constructor(
    private readonly store: Payments,
    private readonly refunds: Refunds,
    private readonly redis: RedisConnections,
  ) {}

  static async start({ redis: { url, prefix }, pool }: ApiRig): Promise<TestWorker> {
    const log = createLogger({ name: 'test', level: 'silent' });
    const redis = new RedisConnections({ url: new Secret(url), log });
    await eventually(() => redis.check());
    const signal = new ChangeSignal(redis, prefix, log);
    const store = new Payments(pool, (committed) => {
      void signal.announce(
        committed.flatMap(({ payment: { id, merchantId } }) => [id, merchantId]),
      );
    });
    const refunds = new Refunds(pool, ({ id, merchantId }) => {
      void signal.announce([id, merchantId]);
    });
    return new TestWorker(store, refunds, redis);
  }

  stop(): Promise<void> {
    return this.redis.close();
  }

  /** Opens an attempt for the payment, unless its status has changed. */
  open(id: string): Promise<Payment> {
    return this.#learn(id, { cause: 'request', act: 'open', replyBefore: new Date() });
  }

  /** Stores the gateway's report: a success, unless `changes` say otherwise. */
  report(id: string, changes: Partial<GatewayReport> = {}): Promise<Payment> {
    const report = { ...REPORT, transId: newTransId(), ...changes };
    const outcome = { kind: 'reported', report } as const;
    return this.#learn(id, { cause: 'reply', outcome, random: 0 });
  }

  /** Stores an outcome that is no report. */
  learn(id: string, outcome: Outcome): Promise<Payment> {
    return this.#learn(id, { cause: 'reply', outcome, random: 0 });
  }

  /** Marks the attempt as abandoned, like the sweeper. */
  abandon(id: string): Promise<Payment> {
    return this.#learn(id, { cause: 'sweeper', act: 'abandoned' });
  }

  /** Stores the gateway's acceptance of the payment's refund, as soon as there is one. */
  async acceptRefundOf(paymentId: string): Promise<void> {
    await eventually(async () => {
      if (!(await this.refunds.loadOfPayment(paymentId))) throw new Error('no refund yet');
    });
    await this.#advanceRefund(paymentId, {
      cause: 'request',
      act: 'open',
      replyBefore: new Date(),
    });
    const transId = (await this.store.load(paymentId))?.payment.transId ?? '';
    const report = { ...REPORT, transId, state: 'refundPending', orderStatus: '8' } as const;
    const outcome = { kind: 'accepted', report } as const;
    await this.#advanceRefund(paymentId, { cause: 'reply', outcome, random: 0 });
  }

  /** Stores the gateway's refusal of the payment's refund. */
  async failRefundOf(paymentId: string): Promise<void> {
    await this.#advanceRefund(paymentId, {
      cause: 'request',
      act: 'open',
      replyBefore: new Date(),
    });
    const outcome = { kind: 'refused', code: 'rejected', message: 'No', report: null } as const;
    await this.#advanceRefund(paymentId, { cause: 'reply', outcome, random: 0 });
  }

  async #advanceRefund(paymentId: string, evidence: RefundEvidence): Promise<void> {
    const before = await this.refunds.loadOfPayment(paymentId);
    if (!before) throw new Error('no such refund');
    const decision = decideRefund(before, evidence, new Date());
    await this.refunds.record({ before, decision, terminalName: 'main' });
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
        ...(isOpening && { opensAttempt: { replyBefore: now, openedBy: randomUUID() } }),
        ...(evidence.cause === 'reply' && { closesAttempt: REPLY }),
      };
    });
    return change?.decision.next ?? loaded.payment;
  }
}
