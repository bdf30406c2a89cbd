// Ends what was accepted and never sent in time: a stored card without a payment it may still be
// used for is stored for nothing (PCI DSS 4.0.1, 3.2.1). Asks Postgres and nobody else: not the
// queues, the gateway or a key, because whatever is away may be why the payment was not sent.
import { Injectable } from '@nestjs/common';
import { decide } from '@quittance/payments';
import { DuePayments, Payments, Terminals } from '@quittance/persistence';
import { Clock, crashPoint } from '@quittance/platform';

/** One pass ends this many; a full pass is followed by the next at once. */
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
   * One pass; `'again'` when more may be over. The move of each payment erases its card in the same
   * commit.
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
      // Somebody was faster: it is being sent, or has ended.
      return decision.move ? { before: payment, decision, terminalName: terminal.name } : undefined;
    });
    crashPoint('giving-up.after-commit');
  }
}
