// Stacks for a part of the run: several on one Postgres, each with a Redis of its own.
import { ChaosStack } from './chaos-stack.ts';
import { ChaosRedis } from './servers.ts';

/** @param {import('../part.mjs').Context} context */
export async function startStacks(context, { prefix, count, extra }) {
  const { lent } = context;
  const isUsual = count === 1 && extra === undefined;
  if (lent?.stack && isUsual) return [lent.stack];
  const stacks = await startNew(context, { prefix, count, extra });
  if (lent && isUsual) lent.stack = keptRunning(stacks[0]);
  return stacks;
}

/** For the parts that follow; whoever ends the session ends it. */
function keptRunning(stack) {
  stack.stop = async () => {};
  return stack;
}

function startNew({ session, postgres, step }, { prefix, count, extra }) {
  return step('processes', async (say) => {
    const stacks = [];
    for (let number = 1; number <= count; number += 1) {
      say(`stack ${number} of ${count}`);
      const redis = await ChaosRedis.start(session);
      const options = { name: `${prefix}${number}`, postgres, redis, extra };
      stacks.push(await ChaosStack.start(session, options));
    }
    say(`${count === 1 ? 'a stack' : `${count} stacks`} of five processes`);
    return stacks;
  });
}

/** @param {import('../part.mjs').Context} context */
export async function startStack(context, options) {
  const [stack] = await startStacks(context, { ...options, count: 1 });
  return stack;
}
