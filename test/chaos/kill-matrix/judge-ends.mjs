// What became of a case's payments and of the refund of the first.
import { Oracle } from '../oracle/oracle.ts';
import { storedRefund } from './refund-flows.mjs';

/** The sweeper's patience, a due step's lease and the first questions, one after another. */
const ENDS_WITHIN_MS = 150_000;

/** So that their later questions are not taken for those of the next case. */
async function askNoMore(stack) {
  for (const table of ['payment_intents', 'refunds'])
    await stack.query(`UPDATE ${table} SET next_step_at = NULL WHERE status = 'in_doubt'`);
}

/**
 * The verdicts, when nothing is wrong any more or the time is over.
 * @param {{ stack: object, references: string[], ends?: { payment: string, refund?: string } }} run
 */
export async function judgeEnds({ stack, references, ends = {} }) {
  const oracle = new Oracle(stack.urls);
  const verdicts = await Promise.all(
    references.map((reference) => oracle.verdict(reference, ENDS_WITHIN_MS, ends.payment)),
  );
  await askNoMore(stack);
  const problems = verdicts.flatMap((verdict) =>
    verdict.problems.map((problem) => `${verdict.reference}: ${problem}`),
  );
  const [{ requests, charges, refundRequests, status, sequence }] = verdicts;
  const first = { requests, charges, status, sequence, problems };
  if (ends.refund === undefined) return first;
  const refund = (await storedRefund(stack, references[0]))?.status ?? 'nothing';
  if (refund !== ends.refund) problems.push(`its refund is ${refund} instead of ${ends.refund}`);
  return { ...first, refund, refundRequests };
}
