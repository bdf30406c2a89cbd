// The plain version (bench/bare): what one would write who thinks of no guarantees.
import { startByHand } from './by-hand.mjs';

/** Starts it; see `startByHand` for the options. */
export function startBare(session, options) {
  return startByHand('bare', session, options);
}
