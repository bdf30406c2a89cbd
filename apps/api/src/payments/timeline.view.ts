// The public JSON of a payment's history and, as a part of it, of its refunds'.
import { eventCauseSchema, eventStatusSchema } from '@quittance/events';
import { z } from 'zod';
import type { PaymentHistory } from '@quittance/persistence';
import { refundStatuses, refundStatusToWire, statusToWire } from '@quittance/payments';

type PaymentMove = PaymentHistory['moves'][number];
type RefundMove = PaymentHistory['refunds'][number]['events'][number];
type Attempt = Omit<PaymentHistory['refunds'][number]['attempts'][number], 'refundId'>;

const instant = z.iso.datetime();

/** A move between statuses of the schema `status`. */
function moveSchema<S extends z.ZodType>(status: S) {
  return z.object({
    sequence: z.int().positive(),
    from: status.nullable(),
    to: status,
    cause: eventCauseSchema,
    attempt: z
      .int()
      .nullable()
      .meta({ description: 'The try to hand it over that it belongs to.' }),
    gateway_code: z.string().nullable().meta({ description: "The gateway's raw code." }),
    note: z.string().nullable().meta({ description: 'Why, as a stable word.' }),
    at: instant,
  });
}

/** A stored move; `toWire` names its statuses as the contract does. */
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

/** A stored try to hand a payment or a refund over. */
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
    'Finer than the refund’s `status`: `queued` is not sent, `accepted` was taken by the gateway; both are `pending` there.',
});

const refundTimelineSchema = z.object({
  refund: z.string(),
  reference: z.string(),
  data: z.array(moveSchema(refundStatus)).meta({ description: 'Every move, oldest first.' }),
  attempts: z.array(attemptSchema).meta({ description: 'Every try to hand the refund over.' }),
});

/** The history of one refund. */
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
