import type { Session } from '../../tools/processes/session.js';

/** Something that must hold; without problems it did. */
export interface FuzzCheck {
  readonly name: string;
  readonly problems: readonly string[];
}

export declare function playShortRun(
  session: Session,
  options: { readonly seed: number },
): Promise<{ readonly checks: readonly FuzzCheck[]; readonly figures: object }>;
