// The public JSON of a payment's history.
import { eventCauseSchema, eventStatusSchema } from '@quittance/events';
import { statusToWire } from '@quittance/payments';
import { z } from 'zod';
import { refundTimeline, refundTimelineSchema } from '../refunds/refund-timeline.view.js';
import type { PaymentHistory } from './payment-history.js';

const instant = z.iso.datetime();

export const timelineSchema = z.object({
  payment_intent: z.string(),
  data: z
    .array(
      z.object({
        sequence: z.int().positive(),
        from: eventStatusSchema.nullable(),
        to: eventStatusSchema,
        cause: eventCauseSchema,
        attempt: z.int().nullable().meta({ description: 'Submission attempt it belongs to.' }),
        gateway_code: z.string().nullable().meta({ description: "The gateway's raw code." }),
        note: z.string().nullable().meta({ description: 'Why, as a stable word.' }),
        at: instant,
      }),
    )
    .meta({ description: 'Every move, oldest first.' }),
  attempts: z
    .array(
      z.object({
        number: z.int().positive(),
        opened_at: instant,
        closed_at: instant.nullable(),
        outcome: z.string().nullable(),
        http_status: z.int().nullable(),
        error_number: z.string().nullable(),
        reason: z.string().nullable(),
        duration_ms: z.int().nullable(),
      }),
    )
    .meta({ description: 'Every try to hand the payment over, with its evidence.' }),
  operator_actions: z
    .array(
      z.object({
        sequence: z.int().positive().meta({ description: 'The move it caused.' }),
        action: z.string(),
        by: z.string(),
        evidence: z.string(),
        at: instant,
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
    data: history.moves.map((move) => ({
      sequence: move.sequence,
      from: move.previousStatus && statusOf(move.previousStatus),
      to: statusOf(move.status),
      cause: move.cause,
      attempt: move.attempt,
      gateway_code: move.gatewayCode,
      note: move.note,
      at: move.createdAt.toISOString(),
    })),
    attempts: history.attempts.map((attempt) => ({
      number: attempt.number,
      opened_at: attempt.openedAt.toISOString(),
      closed_at: attempt.closedAt?.toISOString() ?? null,
      outcome: attempt.outcome,
      http_status: attempt.httpStatus,
      error_number: attempt.errorNumber,
      reason: attempt.reason,
      duration_ms: attempt.durationMs,
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
