// Which status updates the gateway stores, and what it replies in either case (protocol §5.3,
// §5.4).
import type { Behaviour } from '../generation/generation.js';

export interface UpdateInput {
  readonly stored: number;
  /** What the acquirer says; undefined when it gives no code. */
  readonly acquirer: number | undefined;
  /** `test_auth` of the request: only `approved` and `declined` mean anything. */
  readonly testAuth: string | undefined;
}

export interface UpdateDecision {
  /**
   * The code the reply shows. It may differ from what is stored: the reply repeats the acquirer
   * (§5.2).
   */
  readonly shown: number;
  /** Whether it is stored, and so whether a webhook is sent. */
  readonly isStored: boolean;
}

/** 0, and the soft ends that an acquirer may still revive. */
const openCodes: ReadonlySet<number> = new Set([0, 22, 23]);

/**
 * There is no test for equality: an acquirer that repeats 22 or 23 counts as an update each time it
 * is asked, so each poll of an expired or cancelled payment sends its webhook again.
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
