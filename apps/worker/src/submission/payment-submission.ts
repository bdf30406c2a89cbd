// Submits one payment to the gateway, at most once. The order makes that safe: build the request,
// take the fence (which erases the stored card), send, store the outcome. After the fence only this
// process may send, and only once.
import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type Exchange, GatewayClient, interpretReply } from '@quittance/gateway';
import {
  type CardRefusal,
  decide,
  fullReason,
  type Outcome,
  type Payment,
} from '@quittance/payments';
import {
  type Change,
  Payments,
  type Planned,
  type Terminal,
  Terminals,
} from '@quittance/persistence';
import { Clock, crashPoint, inSpan, Logger, type SpanOptions } from '@quittance/platform';
import type { WireRequest } from '@quittance/gateway-protocol';
import { queueOf } from '@quittance/queues';
import { Breakers } from '../breaker/breakers.js';
import { GatewaySettings } from '../config.js';
import { LaneGate, lanePaused } from '../lanes/lane-gate.js';
import type { Places } from '../places/places.js';
import { WorkerPlaces } from '../places/worker-places.js';
import { CreateRequestBuilder, type BuiltRequest } from './create-request-builder.js';
import {
  type FencedPayment,
  sendFenced,
  SendWindow,
  takeFence,
  type UnsentPayment,
  retryUntilStored,
} from './fence.js';

@Injectable()
export class PaymentSubmission {
  constructor(
    private readonly payments: Payments,
    private readonly terminals: Terminals,
    private readonly gateway: GatewayClient,
    private readonly requests: CreateRequestBuilder,
    private readonly clock: Clock,
    private readonly log: Logger,
    private readonly settings: GatewaySettings,
    private readonly places: WorkerPlaces,
    private readonly lanes: LaneGate,
    private readonly breakers: Breakers,
  ) {}

  /**
   * Submits the payment if it is still queued, and, if `queue` is given, queued there: a payment
   * that was moved to another lane has another job in that lane. Rejects when nothing was sent and
   * a later attempt may succeed.
   */
  async submit(paymentId: string, queue?: string): Promise<void> {
    const loaded = await this.payments.load(paymentId);
    if (loaded?.payment.status !== 'queued') return;
    if (queue !== undefined && queue !== queueOf('payment.submit.v1', loaded.payment.lane)) return;
    const { terminalVersion } = loaded;
    const terminal = await this.terminals.load(loaded.payment.terminalId, terminalVersion);
    if (!terminal) return;
    // NeverSentSweeper ends it, which needs neither a key nor an active terminal.
    if (this.clock.now() >= loaded.payment.submitBefore) return;
    // The payments of a paused terminal stay queued and come due again.
    if (terminal.pausedReason !== null) return;
    this.lanes.checkPause(loaded.payment.lane);
    // Before the fence: when the gateway does not respond or the terminal has its share of the
    // places, the job is delayed with no fence taken and nothing sent.
    const { lane } = loaded.payment;
    const places = this.places.submissions(lane);
    await this.breakers.pass(terminal, places.pace, () =>
      this.#submitWithPlace(places, loaded, terminal),
    );
  }

  async #submitWithPlace(places: Places, loaded: UnsentPayment, terminal: Terminal): Promise<void> {
    const { lane } = loaded.payment;
    const traced = () => this.#submitNow(loaded, terminal);
    await places.hold(terminal.id, async () => {
      // With a place, so that the jobs of a terminal without a place use up no rate.
      await this.lanes.takeRate(lane);
      await inSpan('payment.submit', spanOf(loaded.payment), traced);
    });
  }

  async #submitNow(loaded: UnsentPayment, terminal: Terminal): Promise<void> {
    const request = await this.requests.build(loaded, terminal);
    if (typeof request === 'string') {
      await this.#refuseCard(loaded, request, terminal);
      return;
    }
    const window = new SendWindow('payment', this.settings.timeoutMs);
    const fenced = await this.#takeFence(loaded, terminal, request);
    if (!fenced) return;
    crashPoint('submission.after-fence');

    const startedAt = performance.now();
    const exchange = await this.#send(fenced.payment, terminal, request.wire, window);
    crashPoint('submission.after-reply');
    await this.#store(fenced, request.sealedCard, terminal, {
      exchange,
      durationMs: Math.round(performance.now() - startedAt),
    });
    crashPoint('submission.after-commit');
  }

  /** Ends a payment whose card can never be sent. A repeat has no effect. */
  async #refuseCard(loaded: UnsentPayment, reason: CardRefusal, terminal: Terminal): Promise<void> {
    await this.payments.apply(loaded, ({ payment }) => {
      const evidence = { cause: 'request', act: 'refuseCard', reason } as const;
      const decision = decide(payment, evidence, this.clock.now());
      return decision.move ? { before: payment, decision, terminalName: terminal.name } : undefined;
    });
  }

  /**
   * Resolves with `undefined` when another process was faster or the deadline has passed. Rejects
   * with Unavailable `lane_paused` when Postgres knows of a pause that this process has not read.
   */
  async #takeFence(
    { payment }: UnsentPayment,
    terminal: Terminal,
    request: BuiltRequest,
  ): Promise<FencedPayment | undefined> {
    const now = this.clock.now();
    const replyBefore = new Date(now.getTime() + this.settings.timeoutMs);
    const decision = decide(payment, { cause: 'request', act: 'open', replyBefore }, now);
    const change: Change = { before: payment, decision, terminalName: terminal.name };
    if (decision.next.status !== 'submitting') {
      await this.payments.record(change);
      return undefined;
    }
    const { callbackKid } = request;
    const opensAttempt = { replyBefore, openedBy: randomUUID(), callbackKid };
    crashPoint('submission.before-fence');
    const isTaken = await takeFence(this.log, this.payments, { ...change, opensAttempt });
    if (isTaken) return { payment: decision.next };
    await this.#checkUntaken(payment);
    return undefined;
  }

  /**
   * A payment that is as it was has been refused for a pause. Its job must return to the queue: the
   * payment itself comes due later than the lane may be resumed.
   */
  async #checkUntaken({ id, attempt }: Payment): Promise<void> {
    const now = await this.payments.load(id);
    if (now?.payment.status === 'queued' && now.payment.attempt === attempt) throw lanePaused();
  }

  #send(
    fenced: Payment,
    terminal: Terminal,
    request: WireRequest,
    window: SendWindow,
  ): Promise<Exchange> {
    const limits = { timeoutMs: this.settings.timeoutMs, mayStart: window.mayStart };
    const reread = async () => (await this.payments.load(fenced.id))?.payment;
    const create = () => this.gateway.create(terminal, request, limits);
    return sendFenced(fenced, window, reread, () =>
      this.breakers.watch(terminal, fenced.reference, create),
    );
  }

  /** Stores the gateway's reply, which until then only this process knows. */
  async #store(
    { payment: fenced }: FencedPayment,
    sealedCard: string | null,
    terminal: Terminal,
    { exchange, durationMs }: { exchange: Exchange; durationMs: number },
  ): Promise<void> {
    const outcome = interpretReply(exchange, terminal);
    if (outcome.kind === 'reported') this.breakers.remember(terminal, outcome.report.transId);
    const random = Math.random();
    const plan = ({ payment }: Planned): Change | undefined => {
      // The reply is stored already, although Postgres' confirmation was lost, and a later attempt
      // is in progress. This call must not close that one.
      if (payment.attempt !== fenced.attempt) return undefined;
      const decision = decide(payment, { cause: 'reply', outcome, random }, this.clock.now());
      return {
        before: payment,
        decision,
        terminalName: terminal.name,
        sealedCard: decision.restoresCard ? sealedCard : null,
        closesAttempt: { ...evidenceOf(outcome, exchange), durationMs },
      };
    };
    const written = await retryUntilStored(this.log, 'a reply', () =>
      this.payments.apply({ payment: fenced, sealedCard: null }, plan),
    );
    if (written?.decision.alert === 'terminal_misconfigured') {
      const { note = null } = written.decision.move ?? {};
      const reason = outcome.kind === 'notSent' ? outcome.reason : (note ?? 'refused');
      await this.terminals.pause(terminal.id, reason, this.clock.now());
    }
  }
}

/** The span continues the payment's trace. */
function spanOf({ id, lane, attempt, traceparent }: Payment): SpanOptions {
  const attributes = {
    'quittance.payment_id': id,
    'quittance.lane': lane,
    'quittance.attempt': attempt + 1,
  };
  return { kind: 'consumer', parent: traceparent ?? null, attributes };
}

/** Returns the stored evidence of an exchange: codes and reasons, never bodies. */
function evidenceOf(outcome: Outcome, exchange: Exchange) {
  return {
    outcome: outcome.kind,
    httpStatus: exchange.kind === 'replied' ? exchange.httpStatus : null,
    errorNumber: outcome.kind === 'refused' ? outcome.code : null,
    reason: 'reason' in outcome ? fullReason(outcome) : null,
  };
}
