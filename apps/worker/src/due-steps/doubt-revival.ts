// Schedules inquiries about payments in doubt that were given up because their terminal offered no
// way to inquire. Once the terminal offers one, the inquiry is due, whichever way the terminal was
// changed.
import { Injectable } from '@nestjs/common';
import { StepRequests } from '@quittance/persistence';
import { Clock } from '@quittance/platform';

@Injectable()
export class DoubtRevival {
  constructor(
    private readonly asks: StepRequests,
    private readonly clock: Clock,
  ) {}

  /** Runs one pass. Resolves with `'again'` when more payments may be waiting. */
  revive(): Promise<'again' | undefined> {
    return this.asks.doubtsWithoutStep(this.clock.now());
  }
}
