import type { Session } from '../../tools/processes/session.js';

/** Something that must hold; without problems it did. */
export interface ChaosCheck {
  readonly name: string;
  readonly problems: readonly string[];
}

export type ChaosPart =
  | 'kill'
  | 'stall'
  | 'redis'
  | 'postgres'
  | 'silent-postgres'
  | 'silent-redis'
  | 'clocks'
  | 'places'
  | 'lies'
  | 'upgrade'
  | 'watch';

export declare function startShortRun(
  session: Session,
  options: { readonly seed: number },
): Promise<(part: ChaosPart, lent?: object) => Promise<readonly ChaosCheck[]>>;
