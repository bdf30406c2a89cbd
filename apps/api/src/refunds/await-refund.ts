// Holding an answer until a refund has got somewhere.
import type { Refund } from '@quittance/payments';
import type { Refunds } from '@quittance/persistence';
import type { ChangeSignal } from '@quittance/queues';
import { HeldAnswers } from '../payments/held-answers.js';
import type { HoldingPlaces } from '../payments/holding-places.js';

export class AwaitRefund extends HeldAnswers<Refund> {
  constructor(refunds: Refunds, changes: ChangeSignal, places: HoldingPlaces) {
    super({ look: async (id) => (await refunds.load(id))?.refund, changes, places });
  }
}

/** Whether the request is over, one way or the other: the gateway answered, no answer came in time, or it was never sent. */
export function hasRefundBeenAnswered({ status }: Refund): boolean {
  return status !== 'queued' && status !== 'submitting';
}
