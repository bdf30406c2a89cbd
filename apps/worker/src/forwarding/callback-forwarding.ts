// Forwards the ends of payments to the merchants' own webhooks, in the gateway's form: at least
// once, and in order per payment. Postgres holds what is due, so a death or a restart loses
// nothing. A receiver that hangs takes at most half of the places.
import { Injectable } from '@nestjs/common';
import {
  callbackOf,
  encryptedCallbackOf,
  type PaymentFacts,
  reportedPayment,
} from '@quittance/gateway-protocol';
import { TerminalKeys } from '@quittance/modules';
import { FORWARD_WITHIN_MS, forwardDelayMs } from '@quittance/payments';
import {
  type DueForward,
  type ForwardedEvent,
  Forwards,
  type Terminal,
  Terminals,
} from '@quittance/persistence';
import { Clock, crashPoint, Logger, Metrics, Unavailable } from '@quittance/platform';
import { Places } from '../places/places.js';
import { WebhookClient } from './webhook-client.js';

/** Payments in progress at once: most receivers respond within milliseconds. */
export const FORWARDS_MAX = 64;
/** Longer than the attempts for one payment take. */
const LEASE_MS = 60_000;
/** The pause of a payment whose receiver has its share of the places. */
const NO_PLACE_PAUSE_MS = 2_000;

@Injectable()
export class CallbackForwarding {
  readonly #places = new Places({ count: FORWARDS_MAX });
  readonly #inProgress = new Set<Promise<void>>();
  readonly #total;

  constructor(
    private readonly forwards: Forwards,
    private readonly terminals: Terminals,
    private readonly terminalKeys: TerminalKeys,
    private readonly webhooks: WebhookClient,
    private readonly clock: Clock,
    private readonly log: Logger,
    metrics: Metrics,
  ) {
    this.#total = metrics.counter({
      name: 'forwards_total',
      help: 'Callbacks to merchants’ webhooks, by result: delivered, failed (to be retried) or given_up.',
      labels: { result: ['delivered', 'failed', 'given_up'] },
    });
    metrics.gauge({
      name: 'forwards_in_progress',
      help: 'Payments whose callbacks are being forwarded now.',
      collect: (gauge) => gauge.set(this.#inProgress.size),
    });
  }

  /** Starts what is due, as far as there is room. Resolves before it has ended. */
  async start(): Promise<void> {
    const limit = FORWARDS_MAX - this.#inProgress.size;
    if (limit <= 0) return;
    const now = this.clock.now();
    const leaseUntil = new Date(now.getTime() + LEASE_MS);
    for (const due of await this.forwards.claim({ now, leaseUntil, limit })) {
      const running = this.#forward(due)
        // Comes due again with its lease.
        .catch((err: unknown) => this.log.warn({ err, payment: due.paymentId }, 'not forwarded'))
        .finally(() => this.#inProgress.delete(running));
      this.#inProgress.add(running);
    }
  }

  /** Resolves when nothing is in progress any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#inProgress);
  }

  async #forward(due: DueForward): Promise<void> {
    const url = new URL(due.webhookUrl);
    try {
      await this.#places.hold(url.origin, () => this.#send(due, url));
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      await this.forwards.postpone(due, this.#after(NO_PLACE_PAUSE_MS), due.failures);
    }
  }

  async #send(due: DueForward, url: URL): Promise<void> {
    const terminal = await this.terminals.load(due.terminalId);
    if (!terminal) return;
    const isAllowed = due.origins.includes(url.origin);
    let { failures } = due;
    for (const event of await this.forwards.pending<PaymentFacts>(due)) {
      const isLate = this.clock.now().getTime() > event.at.getTime() + FORWARD_WITHIN_MS;
      const reason =
        isAllowed && !isLate ? await this.#post(due, { url, terminal, event }) : 'given_up';
      if (reason === 'given_up') {
        this.#total.inc({ result: reason });
        this.log.warn({ payment: due.paymentId, isAllowed, isLate }, 'a callback was given up');
      } else if (reason === undefined) {
        this.#total.inc({ result: 'delivered' });
      } else {
        this.#total.inc({ result: 'failed' });
        this.log.debug({ payment: due.paymentId, reason }, 'a callback was not taken');
        failures += 1;
        const pauseMs = forwardDelayMs(failures, Math.random());
        return this.forwards.postpone(due, this.#after(pauseMs), failures);
      }
      crashPoint('forwarding.before-commit');
      await this.forwards.passed(due, event.sequence);
      crashPoint('forwarding.after-commit');
      failures = 0;
    }
    await this.forwards.finish(due, this.clock.now());
  }

  async #post(due: DueForward, { url, terminal, event }: Sending): Promise<string | undefined> {
    const reported = reportedPayment(event.snapshot);
    if (!reported) return 'given_up';
    const now = this.clock.now();
    const fields =
      due.encryption === 'aes256'
        ? encryptedCallbackOf(reported, now, await this.terminalKeys.open(terminal))
        : callbackOf(reported, now);
    crashPoint('forwarding.before-send');
    return this.webhooks.post(url, JSON.stringify(fields), terminal.mode);
  }

  #after(ms: number): Date {
    return new Date(this.clock.now().getTime() + ms);
  }
}

interface Sending {
  readonly url: URL;
  readonly terminal: Terminal;
  readonly event: ForwardedEvent<PaymentFacts>;
}
