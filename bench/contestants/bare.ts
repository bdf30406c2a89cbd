// The plain version (bench/bare): what one would write who thinks of no guarantees.
import type { Session } from '../../tools/processes/session.js';
import { startByHand } from './by-hand.js';
import type { Contestant, ContestantOptions } from './contestant.js';

/** Starts it. */
export function startBare(session: Session, options: ContestantOptions): Promise<Contestant> {
  return startByHand('bare', session, options);
}
