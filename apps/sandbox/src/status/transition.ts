// Decides which status updates the gateway stores, and its reply in either case (protocol §5.3,
// §5.4).
import type { Behaviour } from '../generation/generation.js';

export interface UpdateInput {
  readonly stored: number;
  /** The acquirer's code; undefined when it gives none. */
  readonly acquirer: number | undefined;
  /** The request's `test_auth`: only `approved` and `declined` have a meaning. */
  readonly testAuth: string | undefined;
}

export interface UpdateDecision {
  /**
   * The code in the reply. It may differ from the stored code, because the reply repeats the
   * acquirer's (§5.2).
   */
  readonly shown: number;
  /** True when the code is stored, and so a webhook is sent. */
  readonly isStored: boolean;
}

/** 0, and the ends that an acquirer may still change. */
const openCodes: ReadonlySet<number> = new Set([0, 22, 23]);

/**
 * Decides one update. The gateway does not test for equality: an acquirer that repeats 22 or 23
 * counts as an update each time, so each poll of an expired or cancelled payment sends its webhook
 * again.
 */
export function decideUpdate(
  { stored, acquirer, testAuth }: UpdateInput,
  behaviour: Behaviour,
): UpdateDecision {
  if (stored === 27 && testAuth === 'approved') return { shown: 25, isStored: true };
  if (stored === 27 && testAuth === 'declined') return { shown: 26, isStored: true };
  if (acquirer === undefined) return { shown: stored, isStored: false };
  return {
    shown: acquirer,
    isStored: openCodes.has(stored) && behaviour.updateCodes.has(acquirer),
  };
}
