// What the parts of a chaos run have in common: what each is given, and what it gives back.
import { CASES, SHORT_CASES } from './kill-matrix/cases.mjs';
import { LOSSES } from './redis-loss/losses.mjs';
import { STALLS } from './stall/stall-cases.mjs';

/**
 * @typedef {object} Context
 * @property {import('../../tools/processes/session.ts').Session} session
 * @property {import('./stack/servers.ts').ChaosPostgres} postgres
 * @property {import('./random.ts').Random} random
 * @property {string} run goes into references
 * @property {{ stack?: object }} [lent] parts with the same one use one stack, one after another
 * @property {typeof import('../../tools/terminal/progress.mjs').step} step shows what is being done
 * @property {typeof FULL} scale how much is done
 *
 * @typedef {{ name: string, problems: string[] }} Check something that must hold; without problems it did
 * @typedef {(context: Context) => Promise<{ table: string, checks: Check[] }>} Part `table` is for people
 */

/** `npm run chaos`. */
export const FULL = {
  isShort: false,
  isDurable: true,
  stacks: 2,
  cases: CASES,
  stalls: STALLS,
  losses: LOSSES,
  /** How long Redis is away, in milliseconds. */
  outageMs: 30_000,
  /** Open payments whose queues are rebuilt. */
  open: 100_000,
  /** Payments that have ended and are due to be asked about. */
  watched: 100_000,
  /**
   * A silent gateway: places in its lane, how long others pay beside it, its payments at once and queued, and how much longer than
   * beside nobody others may take at the 95th percentile.
   */
  silent: { places: 256, lastsMs: 40_000, atOnce: 360, queued: 5_000, delayedByMs: 1_000 },
  /** To a gateway that lies. */
  payments: 10_000,
  /** Lies whose effect has to be waited for longer are left out. */
  watchedForMs: 120_000,
  /** How often each process is replaced. */
  rounds: 2,
};

/** `npm test`: less of each part. */
export const SHORT = {
  isShort: true,
  isDurable: false,
  stacks: 1,
  cases: SHORT_CASES,
  stalls: STALLS.filter(
    ({ stallsAt, until }) => stallsAt === 'submission.before-last-check' && until === 'taken-over',
  ),
  losses: LOSSES.filter(({ name }) => !name.startsWith('frozen')),
  outageMs: 4_000,
  open: 2_000,
  watched: 20_000,
  // A call to the silent gateway takes 30 s, which is how long others would wait.
  silent: { places: 32, lastsMs: 3_000, atOnce: 60, queued: 120, delayedByMs: 15_000 },
  payments: 100,
  watchedForMs: 0,
  rounds: 1,
};
