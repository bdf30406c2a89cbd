// Ends payments that were accepted but not sent in time: a card that no payment may use any more
// must not stay stored (PCI DSS 4.0.1, 3.2.1). Depends on Postgres alone and not on queues, gateway
// or keys, because one of those may be unavailable and the reason why the payment was not sent.
import { Injectable } from '@nestjs/common';
import { decide } from '@quittance/payments';
import { DuePayments, Payments, Terminals } from '@quittance/persistence';
import { Clock, crashPoint } from '@quittance/platform';

/** Payments that one pass ends. The next pass follows a full one at once. */
const ENDED_MAX = 200;

@Injectable()
export class NeverSentSweeper {
  constructor(
    private readonly due: DuePayments,
    private readonly payments: Payments,
    private readonly terminals: Terminals,
    private readonly clock: Clock,
  ) {}

  /**
   * Runs one pass. Resolves with `'again'` when more payments may be overdue. Each transition
   * erases the payment's card in the same commit.
   */
  async end(): Promise<'again' | undefined> {
    const ids = await this.due.overdue({ now: this.clock.now(), limit: ENDED_MAX });
    await Promise.all(ids.map((id) => this.#endOne(id)));
    return ids.length === ENDED_MAX ? 'again' : undefined;
  }

  async #endOne(id: string): Promise<void> {
    const loaded = await this.payments.load(id);
    const terminal = loaded && (await this.terminals.load(loaded.payment.terminalId));
    if (!terminal) return;
    crashPoint('giving-up.before-commit');
    await this.payments.apply(loaded, ({ payment }) => {
      const evidence = { cause: 'sweeper', act: 'neverSent' } as const;
      const decision = decide(payment, evidence, this.clock.now());
      // Without a transition another process was faster: it is sending the payment or has ended it.
      return decision.move ? { before: payment, decision, terminalName: terminal.name } : undefined;
    });
    crashPoint('giving-up.after-commit');
  }
}
