// Plays the kill matrix on one or more stacks side by side, each case alone on its stack, and looks at everything once more
// at the end: a second charge may come late.
import { Oracle } from '../oracle/oracle.ts';
import { markdownTable } from '../table.ts';
import { FLOWS } from './flows.mjs';
import { playCase } from './play-case.mjs';

/**
 * @param {object[]} cases
 * @param {{ stacks: object[], random: import('../random.ts').Random, run: string, onEnd?: (result: object) => void }} options
 * @returns {Promise<object[]>} results in the order of `cases`
 */
export async function playKillMatrix(cases, { stacks, random, run, onEnd = () => {} }) {
  const left = random.shuffled(cases);
  const results = new Map();
  await Promise.all(
    stacks.map(async (stack) => {
      const played = [];
      for (let one = left.shift(); one !== undefined; one = left.shift()) {
        const reference = `kill-${run}-${cases.indexOf(one)}`;
        const result = await playCase(one, { stack, reference });
        results.set(one, result);
        played.push(result);
        onEnd(result);
      }
      await lookAgain(stack, played);
    }),
  );
  return cases.map((one) => results.get(one));
}

async function lookAgain(stack, played) {
  const oracle = new Oracle(stack.urls);
  for (const result of played.filter(({ problems }) => problems.length === 0)) {
    for (const reference of result.references) {
      const { problems } = await oracle.verdict(reference, 0);
      result.problems.push(...problems.map((problem) => `${reference}, later: ${problem}`));
    }
  }
}

const COLUMNS = [
  'dies at',
  'in',
  'while the gateway',
  'requests',
  'charged',
  'refunds asked',
  'ends',
  'events',
  'result',
];

function row({ one, requests, charges, refundRequests, refund, status, sequence, problems }) {
  const place = one.after ? `${one.after.dies}, then ${one.dies}` : one.dies;
  const result = problems.length === 0 ? 'ok' : problems.join('; ');
  return [
    `\`${place}\``,
    one.in,
    FLOWS[one.flow]().words,
    requests ?? '',
    charges ?? '',
    refund === undefined ? '' : refundRequests,
    refund === undefined ? (status ?? '') : `${status}; refund ${refund}`,
    sequence === undefined ? '' : `1 to ${sequence}`,
    result,
  ];
}

/** The results as a Markdown table, which is what the document keeps. */
export const killTable = (results) => markdownTable(COLUMNS, results.map(row));
