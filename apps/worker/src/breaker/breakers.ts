// The circuit breakers of this worker, one for each terminal (docs/adr/0057): a breaker of a lane
// or of a host would let one merchant's gateway stop the payments of others.
import { Injectable } from '@nestjs/common';
import { type Exchange, GatewayClient } from '@quittance/gateway';
import type { Terminal } from '@quittance/persistence';
import { Logger, Metrics } from '@quittance/platform';
import { GatewaySettings } from '../config.js';
import type { Pace } from '../places/places.js';
import { BREAKER_STATES, type BreakerState, TerminalBreaker } from './terminal-breaker.js';

/** A terminal and its breaker, as of its last job. */
interface Watched {
  terminal: Terminal;
  readonly breaker: TerminalBreaker;
  /** A transID or a reference to inquire about. */
  subject: string;
  /** The reason of the last call without a reply. */
  reason: string | null;
}

@Injectable()
export class Breakers {
  readonly #watched = new Map<string, Watched>();
  readonly #open;
  readonly #changes;

  constructor(
    private readonly gateway: GatewayClient,
    private readonly settings: GatewaySettings,
    private readonly log: Logger,
    metrics: Metrics,
  ) {
    this.#open = metrics.gauge({
      name: 'lane_breakers_open',
      help: 'Terminals whose gateway does not respond, so that this worker submits nothing to it.',
      labels: ['lane'],
    });
    this.#changes = metrics.counter({
      name: 'lane_breaker_changes_total',
      help: 'Changes of circuit breakers, by the state after the change.',
      labels: ['lane', 'to'],
    });
  }

  /**
   * Runs `submit`, which may send a request of the terminal. Rejects with Unavailable
   * `breaker_open`, without having run it, while its gateway does not respond.
   * @param pace of the queue: the jobs of a backlog are put off one by one
   */
  pass<T>(terminal: Terminal, pace: Pace, submit: () => Promise<T>): Promise<T> {
    return this.#watchedOf(terminal).breaker.pass(pace, submit);
  }

  /**
   * Runs a call of the terminal that moves money, and counts whether its gateway responded.
   * @param subject the transID, or the reference, of the call's payment, for inquiries
   */
  watch(terminal: Terminal, subject: string, call: () => Promise<Exchange>): Promise<Exchange> {
    const watched = this.#watchedOf(terminal);
    if (watched.subject === '') watched.subject = subject;
    return watched.breaker.watch(async () => {
      const exchange = await call();
      if (exchange.kind !== 'replied') watched.reason = exchange.reason;
      return exchange;
    });
  }

  /** Notes a transaction of the terminal that its gateway knows, for inquiries. */
  remember(terminal: Terminal, transId: string): void {
    this.#watchedOf(terminal).subject = transId;
  }

  /** Inquires of each gateway that does not respond. A reply closes its breaker. */
  async inquire(): Promise<void> {
    const open = [...this.#watched.values()].filter(({ breaker }) => breaker.isOpen);
    await Promise.all(
      open.map(({ terminal, breaker, subject }) =>
        breaker.inquire(() => this.gateway.ask(terminal, subject)),
      ),
    );
  }

  /** Returns the ids of the lane's terminals whose breaker is open. */
  openIn(lane: string): string[] {
    return [...this.#watched.values()]
      .filter(({ terminal, breaker }) => terminal.lane === lane && breaker.isOpen)
      .map(({ terminal }) => terminal.id);
  }

  /** Exports the number of open breakers of these lanes. */
  report(lanes: readonly string[]): void {
    this.#open.reset();
    for (const lane of lanes) {
      this.#open.set({ lane }, this.openIn(lane).length);
      for (const to of BREAKER_STATES) this.#changes.inc({ lane, to }, 0);
    }
  }

  #watchedOf(terminal: Terminal): Watched {
    const known = this.#watched.get(terminal.id);
    // Another address is another gateway.
    if (known?.terminal.baseUrl === terminal.baseUrl) {
      known.terminal = terminal;
      return known;
    }
    const breaker = new TerminalBreaker({
      failures: this.settings.breakerFailures,
      inquireEveryMs: this.settings.breakerInquiryMs,
      onChange: (to) => this.#changed(watched, to),
    });
    const watched: Watched = { terminal, breaker, subject: '', reason: null };
    this.#watched.set(terminal.id, watched);
    return watched;
  }

  #changed({ terminal, reason }: Watched, to: BreakerState): void {
    const { id: terminalId, lane } = terminal;
    this.#changes.inc({ lane, to });
    this.#open.set({ lane }, this.openIn(lane).length);
    if (to === 'open') this.log.warn({ terminalId, lane, reason }, 'a gateway does not respond');
    if (to === 'closed') this.log.info({ terminalId, lane }, 'a gateway responds again');
  }
}
