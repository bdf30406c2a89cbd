// The settings of operators' actions, which bind every way to take them: the CLI and the api.
import { durationMs, flag, integer, optional } from '@quittance/platform';
import { amountLimits } from './amount-limits.js';

/**
 * The next shift can still decide. After a day a proposal was not urgent, and the evidence may be
 * outdated.
 */
const PROPOSAL_EXPIRES_AFTER_MS = 86_400_000;

/** The setting of reasons. */
export const reasonSection = {
  isWhyRequired: flag('OPERATOR_WHY_REQUIRED', {
    description: 'require --why or --evidence for each command or request that makes a change',
    default: false,
  }),
};

/** The limits above which a second operator is needed. */
export const fourEyesSection = {
  above: optional(
    amountLimits('FOUR_EYES_ABOVE', {
      description: 'amounts above which a resolution needs a second operator; unset means never',
    }),
  ),
  bulkAbove: optional(
    integer('FOUR_EYES_BULK_ABOVE', {
      description:
        'failed entries or events that one operator may replay at once; unset means unlimited',
    }),
  ),
  expiresAfterMs: durationMs('PROPOSAL_EXPIRES_AFTER_MS', {
    description: 'time until a proposal expires',
    min: 1_000,
    default: PROPOSAL_EXPIRES_AFTER_MS,
  }),
};
