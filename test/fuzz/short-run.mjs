// The fuzz as `npm test` plays it: the same code, less of it.
import { runFuzz } from './run.mjs';

/** Enough that every fault and every mutation comes, within 40 s on two processors. */
const SHORT = { requests: 800, callbacks: 2_500 };
const quietly = (_name, work) => work(() => {});

/** Plays it with a seed. */
export function playShortRun(session, { seed }) {
  return runFuzz(session, { ...SHORT, seed, step: quietly });
}
