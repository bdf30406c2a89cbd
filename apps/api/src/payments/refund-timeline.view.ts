// The public JSON of a refund's history, as a part of its payment's.
import { refundStatuses, refundStatusToWire } from '@quittance/payments';
import { z } from 'zod';
import type { PaymentHistory } from '@quittance/persistence';
import { attemptSchema, attemptView, moveSchema, moveView } from './timeline-entry.js';

const status = z.enum(refundStatuses.map(refundStatusToWire)).meta({
  description:
    'Finer than the refund’s `status`: `queued` is not sent, `accepted` was taken by the gateway; both are `pending` there.',
});

export const refundTimelineSchema = z.object({
  refund: z.string(),
  reference: z.string(),
  data: z.array(moveSchema(status)).meta({ description: 'Every move, oldest first.' }),
  attempts: z.array(attemptSchema).meta({ description: 'Every try to hand the refund over.' }),
});

/** The history of one refund. */
export function refundTimeline(
  refund: PaymentHistory['refunds'][number],
): z.infer<typeof refundTimelineSchema> {
  return {
    refund: refund.id,
    reference: refund.reference,
    data: refund.events.map((move) => moveView(move, refundStatusToWire)),
    attempts: refund.attempts.map(attemptView),
  };
}
