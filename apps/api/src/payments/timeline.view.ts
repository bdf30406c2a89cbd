// The public JSON of a payment's history.
import { eventStatusSchema } from '@quittance/events';
import { statusToWire } from '@quittance/payments';
import { z } from 'zod';
import { refundTimeline, refundTimelineSchema } from './refund-timeline.view.js';
import type { PaymentHistory } from '@quittance/persistence';
import { attemptSchema, attemptView, moveSchema, moveView } from './timeline-entry.js';

export const timelineSchema = z.object({
  payment_intent: z.string(),
  data: z.array(moveSchema(eventStatusSchema)).meta({ description: 'Every move, oldest first.' }),
  attempts: z
    .array(attemptSchema.extend({ error_number: z.string().nullable() }))
    .meta({ description: 'Every try to hand the payment over, with its evidence.' }),
  operator_actions: z
    .array(
      z.object({
        sequence: z.int().positive().meta({ description: 'The move it caused.' }),
        action: z.string(),
        by: z.string(),
        evidence: z.string(),
        at: z.iso.datetime(),
      }),
    )
    .meta({ description: 'What people did, and why, oldest first.' }),
  refunds: z
    .array(refundTimelineSchema)
    .meta({ description: 'Every refund that was asked for, oldest first.' }),
});

export type TimelineView = z.infer<typeof timelineSchema>;

export function timelineView(paymentId: string, history: PaymentHistory): TimelineView {
  return {
    payment_intent: paymentId,
    data: history.moves.map((move) => moveView(move, statusOf)),
    attempts: history.attempts.map((attempt) => ({
      ...attemptView(attempt),
      error_number: attempt.errorNumber,
    })),
    operator_actions: history.actions.flatMap(({ sequence, action, operator, why, at }) =>
      sequence === null || why === null
        ? []
        : [{ sequence, action, by: operator, evidence: why, at: at.toISOString() }],
    ),
    refunds: history.refunds.map(refundTimeline),
  };
}

type WireStatus = TimelineView['data'][number]['to'];

/** A test holds the two lists of statuses equal. */
function statusOf(status: Parameters<typeof statusToWire>[0]): WireStatus {
  return statusToWire(status) as WireStatus;
}
