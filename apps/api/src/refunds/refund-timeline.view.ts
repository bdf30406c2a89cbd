// The public JSON of a refund's history, as a part of its payment's.
import { eventCauseSchema } from '@quittance/events';
import { refundStatuses, refundStatusToWire } from '@quittance/payments';
import { z } from 'zod';
import type { PaymentHistory } from '../payments/payment-history.js';

const instant = z.iso.datetime();
const status = z.enum(refundStatuses.map(refundStatusToWire)).meta({
  description:
    'Finer than the refund’s `status`: `queued` is not sent, `accepted` was taken by the gateway; both are `pending` there.',
});

export const refundTimelineSchema = z.object({
  refund: z.string(),
  reference: z.string(),
  data: z
    .array(
      z.object({
        sequence: z.int().positive(),
        from: status.nullable(),
        to: status,
        cause: eventCauseSchema,
        attempt: z.int().nullable(),
        gateway_code: z.string().nullable(),
        note: z.string().nullable(),
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
        reason: z.string().nullable(),
        duration_ms: z.int().nullable(),
      }),
    )
    .meta({ description: 'Every try to hand the refund over.' }),
});

/** The history of one refund. */
export function refundTimeline(
  refund: PaymentHistory['refunds'][number],
): z.infer<typeof refundTimelineSchema> {
  return {
    refund: refund.id,
    reference: refund.reference,
    data: refund.events.map((move) => ({
      sequence: move.sequence,
      from: move.previousStatus && refundStatusToWire(move.previousStatus),
      to: refundStatusToWire(move.status),
      cause: move.cause,
      attempt: move.attempt,
      gateway_code: move.gatewayCode,
      note: move.note,
      at: move.createdAt.toISOString(),
    })),
    attempts: refund.attempts.map((attempt) => ({
      number: attempt.number,
      opened_at: attempt.openedAt.toISOString(),
      closed_at: attempt.closedAt?.toISOString() ?? null,
      outcome: attempt.outcome,
      http_status: attempt.httpStatus,
      reason: attempt.reason,
      duration_ms: attempt.durationMs,
    })),
  };
}
