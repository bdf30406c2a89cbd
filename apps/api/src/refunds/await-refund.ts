// Holding an answer until a refund has got somewhere.
import { Injectable } from '@nestjs/common';
import type { Refund } from '@quittance/payments';
import { Refunds } from '@quittance/persistence';
import { ChangeSignal } from '@quittance/queues';
import { HeldAnswers, HoldingPlaces } from '../payments/long-poll.js';

@Injectable()
export class AwaitRefund extends HeldAnswers<Refund> {
  constructor(refunds: Refunds, changes: ChangeSignal, places: HoldingPlaces) {
    super(async (id) => (await refunds.load(id))?.refund, changes, places);
  }
}

/**
 * Whether the request is over, one way or the other: the gateway answered, no answer came in time,
 * or it was never sent.
 */
export function hasRefundBeenAnswered({ status }: Refund): boolean {
  return status !== 'queued' && status !== 'submitting';
}
