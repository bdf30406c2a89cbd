// The public JSON of a payment's history, including that of its refunds.
import { eventCauseSchema, eventStatusSchema } from '@quittance/events';
import { z } from 'zod';
import type { PaymentHistory } from '@quittance/persistence';
import { refundStatuses, refundStatusToWire, statusToWire } from '@quittance/payments';

type PaymentMove = PaymentHistory['moves'][number];
type RefundMove = PaymentHistory['refunds'][number]['events'][number];
type Attempt = Omit<PaymentHistory['refunds'][number]['attempts'][number], 'refundId'>;

const instant = z.iso.datetime();

/** Returns the schema of a transition between statuses of the schema `status`. */
function moveSchema<S extends z.ZodType>(status: S) {
  return z.object({
    sequence: z.int().positive(),
    from: status.nullable(),
    to: status,
    cause: eventCauseSchema,
    attempt: z.int().nullable().meta({ description: 'The submission attempt that it belongs to.' }),
    gateway_code: z.string().nullable().meta({ description: "The gateway's raw code." }),
    note: z.string().nullable().meta({ description: 'The reason, as a stable word.' }),
    at: instant,
  });
}

/** Returns the view of a stored transition. `toWire` names its statuses as the contract does. */
function moveView<M extends PaymentMove | RefundMove, W>(
  move: M,
  toWire: (status: M['status']) => W,
) {
  return {
    sequence: move.sequence,
    from: move.previousStatus && toWire(move.previousStatus),
    to: toWire(move.status),
    cause: move.cause,
    attempt: move.attempt,
    gateway_code: move.gatewayCode,
    note: move.note,
    at: move.createdAt.toISOString(),
  };
}

const attemptSchema = z.object({
  number: z.int().positive(),
  opened_at: instant,
  closed_at: instant.nullable(),
  outcome: z.string().nullable(),
  http_status: z.int().nullable(),
  reason: z.string().nullable(),
  duration_ms: z.int().nullable(),
});

/** Returns the view of a stored attempt of a payment or a refund. */
function attemptView(attempt: Attempt): z.infer<typeof attemptSchema> {
  return {
    number: attempt.number,
    opened_at: attempt.openedAt.toISOString(),
    closed_at: attempt.closedAt?.toISOString() ?? null,
    outcome: attempt.outcome,
    http_status: attempt.httpStatus,
    reason: attempt.reason,
    duration_ms: attempt.durationMs,
  };
}

const refundStatus = z.enum(refundStatuses.map(refundStatusToWire)).meta({
  description:
    'Finer than the refund’s `status`: `queued` has not been sent, `accepted` was accepted by the gateway; both are `pending` there.',
});

const refundTimelineSchema = z.object({
  refund: z.string(),
  reference: z.string(),
  data: z.array(moveSchema(refundStatus)).meta({ description: 'Every transition, oldest first.' }),
  attempts: z.array(attemptSchema).meta({ description: 'Every attempt to submit the refund.' }),
});

/** Returns the history of one refund. */
function refundTimeline(
  refund: PaymentHistory['refunds'][number],
): z.infer<typeof refundTimelineSchema> {
  return {
    refund: refund.id,
    reference: refund.reference,
    data: refund.events.map((move) => moveView(move, refundStatusToWire)),
    attempts: refund.attempts.map(attemptView),
  };
}

export const timelineSchema = z.object({
  payment_intent: z.string(),
  data: z
    .array(moveSchema(eventStatusSchema))
    .meta({ description: 'Every transition, oldest first.' }),
  attempts: z
    .array(attemptSchema.extend({ error_number: z.string().nullable() }))
    .meta({ description: 'Every attempt to submit the payment, with its evidence.' }),
  operator_actions: z
    .array(
      z.object({
        sequence: z.int().positive().meta({ description: 'The transition that it caused.' }),
        action: z.string(),
        by: z.string(),
        evidence: z.string(),
        at: z.iso.datetime(),
      }),
    )
    .meta({ description: 'The actions of operators and their reasons, oldest first.' }),
  refunds: z
    .array(refundTimelineSchema)
    .meta({ description: 'Every requested refund, oldest first.' }),
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

/** A test compares the two lists of statuses. */
function statusOf(status: Parameters<typeof statusToWire>[0]): WireStatus {
  return statusToWire(status) as WireStatus;
}
