// What the histories of a payment and of a refund have in common: a move and a try, as public JSON.
import { eventCauseSchema } from '@quittance/events';
import { z } from 'zod';
import type { PaymentHistory } from '@quittance/persistence';

type PaymentMove = PaymentHistory['moves'][number];
type RefundMove = PaymentHistory['refunds'][number]['events'][number];
type Attempt = Omit<PaymentHistory['refunds'][number]['attempts'][number], 'refundId'>;

const instant = z.iso.datetime();

/** A move between statuses of the schema `status`. */
export function moveSchema<S extends z.ZodType>(status: S) {
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
export function moveView<M extends PaymentMove | RefundMove, W>(
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

export const attemptSchema = z.object({
  number: z.int().positive(),
  opened_at: instant,
  closed_at: instant.nullable(),
  outcome: z.string().nullable(),
  http_status: z.int().nullable(),
  reason: z.string().nullable(),
  duration_ms: z.int().nullable(),
});

/** A stored try to hand a payment or a refund over. */
export function attemptView(attempt: Attempt): z.infer<typeof attemptSchema> {
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
