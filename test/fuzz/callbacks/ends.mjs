// What became of the payments whose callbacks were forged: nothing but what the gateway's ledger says.
import { Oracle } from '../../chaos/oracle/oracle.ts';
import { inParallel } from '../../chaos/waiting.ts';
import { ENDS, OPEN_CODE, OPEN_STATUSES } from './subjects.mjs';

const UNDER_WAY = 8;
const CONVERGES_WITHIN_MS = 60_000;
const ON_THE_WAY = ['queued', 'submitting', ...OPEN_STATUSES];

/**
 * What is wrong with the statuses a payment has had, in their order.
 * @param {string} code the gateway's
 * @param {string[]} statuses
 */
export function moveProblems(code, statuses) {
  const end = ENDS[code];
  const stray = statuses.filter((status) => status !== end && !ON_THE_WAY.includes(status));
  const last = statuses.at(-1);
  const isThere = code === OPEN_CODE ? OPEN_STATUSES.includes(last) : last === end;
  return [
    ...stray.map((status) => `was ${status}, which the gateway never said`),
    ...(isThere ? [] : [`is ${last}, but the gateway says ${end ?? 'it is open'}`]),
  ];
}

/** Waits until the payments have come to their ends, and says what is wrong with how they came there. */
export async function endProblems(stack, subjects) {
  const oracle = new Oracle(stack.urls);
  const perSubject = await inParallel(subjects, UNDER_WAY, async ({ id, reference, code }) => {
    const verdict = await oracle.verdict(reference, CONVERGES_WITHIN_MS, ENDS[code]);
    const rows = await stack.query(
      'SELECT status::text FROM payment_events WHERE payment_id = $1 ORDER BY sequence',
      [id],
    );
    const statuses = rows.map(({ status }) => status);
    return [...verdict.problems, ...moveProblems(code, statuses)].map(
      (what) => `${reference}: ${what}`,
    );
  });
  return perSubject.flat();
}
