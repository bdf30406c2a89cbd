// Serves the payments and refunds in doubt, oldest first, with the evidence about each.
import { Get, Query } from '@nestjs/common';
import { doubtMeaning } from '@quittance/operations';
import { formatAmount } from '@quittance/payments';
import { DoubtList, type DoubtRow } from '@quittance/persistence';
import { z } from 'zod';
import { limitQuery } from '../../paging.js';
import { OpsRoute } from '../sign-in/ops.guard.js';

const ID = /^(?:pi|re)_[0-9a-z]{26}$/;

export const doubtsQuery = z.strictObject({
  kind: z
    .enum(['payment', 'refund'])
    .default('payment')
    .meta({ description: 'Payments or refunds.' }),
  limit: limitQuery,
  after: z
    .string()
    .regex(ID, 'Must be the "next" of an earlier response.')
    .optional()
    .meta({ description: 'The `next` of an earlier page; continues after it.' }),
});

const instant = z.iso.datetime();
export const doubtSchema = z.object({
  kind: z.enum(['payment', 'refund']),
  id: z.string(),
  payment_id: z.string(),
  reference: z.string(),
  merchant: z.string(),
  terminal: z.string(),
  amount: z.string(),
  currency: z.string(),
  trans_id: z.string().nullable(),
  version: z.int().positive(),
  reason: z.string(),
  meaning: z.string().meta({ description: 'The reason, for a person.' }),
  since: instant,
  inquiries: z.int().meta({ description: 'Inquiries without a definite answer.' }),
  next_step_at: instant
    .nullable()
    .meta({ description: 'The next inquiry; null when none follows.' }),
  evidence: z.object({
    attempt: z
      .object({ at: instant, outcome: z.string().nullable(), reason: z.string().nullable() })
      .nullable(),
    answer: z.object({ at: instant, answer: z.string() }).nullable(),
    callbacks: z.int(),
  }),
});
type DoubtView = z.infer<typeof doubtSchema>;

export const doubtPageSchema = z
  .object({
    data: z.array(doubtSchema),
    has_more: z.boolean(),
    next: z.string().nullable(),
    totals: z.object({ payments: z.int(), refunds: z.int(), oldest: instant.nullable() }),
  })
  .meta({ description: 'Doubts, oldest first, and how many there are.' });

@OpsRoute('/doubts')
export class DoubtsController {
  constructor(private readonly doubts: DoubtList) {}

  @Get()
  async list(
    @Query({ schema: doubtsQuery }) { kind, limit, after = '' }: z.infer<typeof doubtsQuery>,
  ): Promise<z.infer<typeof doubtPageSchema>> {
    const read = kind === 'payment' ? 'payments' : 'refunds';
    const [rows, totals] = await Promise.all([
      this.doubts[read](after, limit + 1),
      this.doubts.totals(),
    ]);
    const data = rows.slice(0, limit).map(viewOf);
    const hasMore = rows.length > limit;
    return {
      data,
      has_more: hasMore,
      next: hasMore ? (data.at(-1)?.id ?? null) : null,
      totals: { ...totals, oldest: totals.oldest?.toISOString() ?? null },
    };
  }
}

function viewOf(row: DoubtRow): DoubtView {
  const { kind, id, reference, merchant, terminal, currency, version, reason, inquiries } = row;
  return {
    kind,
    id,
    payment_id: row.payment_id,
    reference,
    merchant,
    terminal,
    amount: formatAmount({ minor: BigInt(row.minor), currency }),
    currency,
    trans_id: row.trans_id,
    version,
    reason,
    meaning: doubtMeaning(reason),
    since: row.since.toISOString(),
    inquiries,
    next_step_at: row.next_step_at?.toISOString() ?? null,
    evidence: {
      attempt: row.attempt_at && {
        at: row.attempt_at.toISOString(),
        outcome: row.attempt_outcome,
        reason: row.attempt_reason,
      },
      answer:
        row.answered_at && row.answer !== null
          ? { at: row.answered_at.toISOString(), answer: row.answer }
          : null,
      callbacks: row.callbacks,
    },
  };
}
