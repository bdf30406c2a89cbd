// No way to ask is no answer for ever. A payment in doubt was given up because its terminal could
// not be asked about it; once it can, whoever changed the terminal and however, the question is
// due.
import { Injectable } from '@nestjs/common';
import { Asks } from '@quittance/persistence';
import { Clock } from '@quittance/platform';

@Injectable()
export class DoubtRevival {
  constructor(
    private readonly asks: Asks,
    private readonly clock: Clock,
  ) {}

  /** One pass; `'again'` when there may be more. */
  revive(): Promise<'again' | undefined> {
    return this.asks.givenUpTooSoon(this.clock.now());
  }
}
