// Judges one answer by what the document promises: no fault of ours, in time, in its form.

/** Longer than this without an answer, beyond what the request asked to be held for, is a hang. */
export const HANG_MS = 10_000;

/**
 * What is wrong with an answer, in words; nothing when all is well.
 * @param {import('../requests/contract.mjs').Contract} contract
 * @param {{ operation?: object, isHead?: boolean, mayBeCut?: boolean, mustBeRefused?: string }} request `mustBeRefused`: what it
 *   has that nobody may take
 * @param {{ ended: 'answered' | 'cut' | 'late', ms: number, status?: number, type?: string, text?: string }} answer
 * @returns {string[]}
 */
export function answerProblems(contract, request, answer) {
  const { operation, isHead, mayBeCut, mustBeRefused } = request;
  const { ended, status } = answer;
  if (ended === 'late') return [`no answer within ${Math.round(answer.ms / 1_000)} s`];
  if (ended === 'cut') return mayBeCut ? [] : ['the connection was closed without an answer'];
  if (!(status >= 200 && status < 600)) return [`no status: ${status}`];
  const problems = status >= 500 ? [`status ${status}`] : [];
  if (mustBeRefused !== undefined && status < 400)
    problems.push(`${mustBeRefused} was answered ${status}`);
  // An answer to HEAD has no body to fit anything.
  const fault = isHead ? undefined : contract.answerFault(operation, answer);
  if (fault !== undefined) problems.push(fault);
  return problems;
}
