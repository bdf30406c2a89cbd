// The bench's side of the load generator.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Problem } from '../../tools/terminal/problem.mjs';
import { programOf } from '../programs.js';
import type { Tasks } from './generator.js';

/** The running load generator: its tasks, and its process. */
export type LoadGenerator = Tasks & { readonly pid: number };

/**
 * Starts the load generator. It ends with this process, however that ends: their channel closes.
 */
export function startLoadGenerator(): LoadGenerator {
  // In a group of its own: Ctrl-C at the terminal ends the bench, which ends the rest in order.
  const child = fork(programOf('load/generator'), { detached: true });
  const ended = once(child, 'exit').then((): never => {
    throw new Problem('The load generator ended.');
  });
  ended.catch(() => {});
  const remote = (task: keyof Tasks) => async (options: object) => {
    child.send({ task, options });
    const [{ result, problem }] = await Promise.race([once(child, 'message'), ended]);
    if (problem !== undefined) throw new Problem(problem);
    return result;
  };
  return { pid: child.pid ?? 0, offer: remote('offer'), compareCalls: remote('compareCalls') };
}
