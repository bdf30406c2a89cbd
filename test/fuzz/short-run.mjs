// The fuzz as `npm test` plays it: the same code, less of it.
import { runFuzz } from './run.mjs';

/** Enough that every fault and every mutation comes, within a minute on two processors. */
const SHORT = { requests: 1_500, callbacks: 4_000 };
const quietly = (_name, work) => work(() => {});

/** Plays it with a seed. */
export function playShortRun(session, { seed }) {
  return runFuzz(session, { ...SHORT, seed, step: quietly });
}
