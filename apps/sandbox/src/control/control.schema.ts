// The request bodies of the control paths (docs/sandbox.md), validated before any change.
import { z } from 'zod';
import { blockedFields, blockKinds } from '../creation/blocklist.js';
import { scriptedLateRefusals, scriptedRefusals } from '../wire/error-replies.js';
import { generationNames } from '../generation/generation.js';
import { faultStages } from '../exchange/faults.js';

const code = z.union([z.string().regex(/^\d{1,3}$/), z.int().min(0).max(999)]).transform(Number);
const milliseconds = z.int().min(0).max(3_600_000);
const times = z.int().min(1).max(1_000_000);

export const terminalBody = z.strictObject({
  number: z.union([z.string().min(1), z.int()]).transform(String),
  public_key: z.string().min(1),
  private_key: z.string().min(1).optional(),
  merchant: z.string().min(1),
  acquirer: z.int().min(10).max(922).nullable().default(100),
});

export const acquirerBody = z.strictObject({
  match: z
    .strictObject({
      reference: z.string().optional(),
      reference_prefix: z.string().optional(),
      mop: z.string().optional(),
    })
    .default({}),
  reply: code,
  settle: z.strictObject({ order_status: code, after_ms: milliseconds.default(0) }).optional(),
  times: times.optional(),
});

export const blocklistBody = z.strictObject({
  field: z.enum(blockedFields),
  value: z.string().min(1),
  kind: z.enum(blockKinds).default('list'),
});

/** The replies that the fault `refuse` can name. */
export const refusals = [
  ...(Object.keys(scriptedRefusals) as (keyof typeof scriptedRefusals)[]),
  ...scriptedLateRefusals,
];
/** Every fault that a script can name. */
export const faultNames = [
  ...(Object.keys(faultStages) as (keyof typeof faultStages)[]),
  'refuse_connection' as const,
];

export const faultBody = z
  .strictObject({
    match: z
      .strictObject({ reference: z.string().optional(), path: z.string().optional() })
      .default({}),
    times: times.default(1),
    fault: z.enum(faultNames),
    /** For `delay_ms` and `late_callback_ms`. */
    ms: milliseconds.optional(),
    /** For `refuse_connection`. */
    for_ms: milliseconds.default(1_000),
    /** For `wrong_…` and `unreadable_…`. */
    on: z.enum(['reply', 'callback']).default('reply'),
    /** For `status_not_stored`. */
    order_status: code.optional(),
    /** For `refuse`. */
    refusal: z.enum(refusals).optional(),
  })
  .refine((body) => (body.fault === 'refuse') === (body.refusal !== undefined), {
    path: ['refusal'],
    message: 'is required with the fault refuse, and only with it',
  });

export const settleBody = z.strictObject({
  transID: z.string().regex(/^\d{1,19}$/),
  order_status: code,
  force: z.boolean().default(false),
});

export const generationBody = z.strictObject({ generation: z.enum(generationNames) });

export type TerminalBody = z.infer<typeof terminalBody>;
export type AcquirerBody = z.infer<typeof acquirerBody>;
export type BlocklistBody = z.infer<typeof blocklistBody>;
export type FaultBody = z.infer<typeof faultBody>;
export type SettleBody = z.infer<typeof settleBody>;
export type GenerationBody = z.infer<typeof generationBody>;
