// The part "kill": a process killed at every named point of its code.
import { startStacks } from '../stack/start-stacks.mjs';
import { nameOf } from './cases.mjs';
import { killTable, playKillMatrix } from './kill-matrix.mjs';

/** @type {import('../part.mjs').Part} */
export async function killPart(context) {
  const { random, run, step, scale } = context;
  const stacks = await startStacks(context, { prefix: 'kill', count: scale.stacks });
  const results = await step('kill matrix', async (say) => {
    let ended = 0;
    const onEnd = () => say(`${(ended += 1)} of ${scale.cases.length} points`);
    return playKillMatrix(scale.cases, { stacks, random, run, onEnd });
  });
  for (const stack of stacks) await stack.stop();
  return {
    table: killTable(results),
    checks: results.map(({ one, problems }) => ({ name: nameOf(one), problems })),
  };
}
