// Holds a response until the gateway has replied to a refund.
import { Injectable } from '@nestjs/common';
import type { Refund } from '@quittance/payments';
import { Refunds } from '@quittance/persistence';
import { ChangeSignal } from '@quittance/queues';
import { LongPoll, LongPollSlots } from '../payments/long-poll.js';

/** Holds responses until a refund has changed. */
@Injectable()
export class RefundLongPoll extends LongPoll<Refund> {
  constructor(refunds: Refunds, changes: ChangeSignal, slots: LongPollSlots) {
    super(async ({ id }) => (await refunds.load(id))?.refund, changes, slots);
  }
}

/** True when the request has ended: with a reply, with a timeout, or before it was sent. */
export function hasSubmissionEnded({ status }: Refund): boolean {
  return status !== 'queued' && status !== 'submitting';
}
