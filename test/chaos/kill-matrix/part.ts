// The part "kill": a process is killed at every named point of its code. The cases run on one or
// more stacks side by side, each case alone on its stack. Everything is judged again at the end,
// because a second charge may come late.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../../tools/place.mjs';
import { Oracle } from '../oracle.js';
import { startStack, startStacks, stopStack, type Context, type PartResult } from '../part.js';
import type { Random } from '../random.js';
import type { ChaosStack } from '../stack/chaos-stack.js';
import { markdownTable } from '../table.js';
import { playCase, type CaseResult } from './case-run.js';
import { nameOf, type KillCase } from './cases.js';

const DOCUMENT = join(root, 'docs', 'reliability.md');
const SECTION = /(<!-- kill matrix -->\n)[^]*?(\n<!-- end -->)/;

interface MatrixRun {
  readonly stacks: readonly ChaosStack[];
  readonly random: Random;
  /** Makes the references unique. */
  readonly run: string;
  readonly onEnd: () => void;
}

/** Resolves with the results in the order of `cases`. */
async function playKillMatrix(
  cases: readonly KillCase[],
  { stacks, random, run, onEnd }: MatrixRun,
): Promise<CaseResult[]> {
  const left = random.shuffled([...cases.entries()]);
  const results: CaseResult[] = [];
  await Promise.all(
    stacks.map(async (stack) => {
      const played: CaseResult[] = [];
      for (let next = left.shift(); next !== undefined; next = left.shift()) {
        const [at, one] = next;
        const result = await playCase(one, stack, `kill-${run}-${at}`);
        results[at] = result;
        played.push(result);
        onEnd();
      }
      await judgeAgain(stack, played);
    }),
  );
  return results;
}

async function judgeAgain(stack: ChaosStack, played: readonly CaseResult[]): Promise<void> {
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
  'refund requests',
  'ends',
  'events',
  'result',
];

function row({ one, gateway, problems, ...first }: CaseResult) {
  const { requests, charges, refundRequests, refund, status, sequence } = first;
  const place = one.after ? `${one.after.dies}, then ${one.dies}` : one.dies;
  return [
    `\`${place}\``,
    one.in,
    gateway,
    requests,
    charges,
    refund === undefined ? '' : refundRequests,
    refund === undefined ? status : `${status}; refund ${refund}`,
    sequence === undefined ? '' : `1 to ${sequence}`,
    problems.join('; ') || 'ok',
  ];
}

/** Puts the table into docs/reliability.md, between two marks. */
export function writeKillTable(table: string): void {
  const document = readFileSync(DOCUMENT, 'utf8');
  if (!SECTION.test(document))
    throw new Error('docs/reliability.md has no place for the kill matrix');
  const withTable = (_: string, start: string, end: string) => `${start}\n${table}\n${end}`;
  writeFileSync(DOCUMENT, document.replace(SECTION, withTable));
}

export async function killPart(context: Context): Promise<PartResult> {
  const { random, run, step, scale } = context;
  const options = { prefix: 'kill' };
  const stacks =
    scale.stacks === 1
      ? [await startStack(context, options)]
      : await startStacks(context, { ...options, count: scale.stacks });
  const results = await step('kill matrix', (say) => {
    let ended = 0;
    const onEnd = () => say(`${(ended += 1)} of ${scale.cases.length} points`);
    return playKillMatrix(scale.cases, { stacks, random, run, onEnd });
  });
  for (const stack of stacks) await stopStack(context, stack);
  return {
    table: markdownTable(COLUMNS, results.map(row)),
    checks: results.map(({ one, problems }) => ({ name: nameOf(one), problems })),
  };
}
