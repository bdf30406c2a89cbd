// The bench's side of the load generator.
import { fork, type ChildProcess } from 'node:child_process';
import type { SingleCalls } from '../figures/summary.js';
import type { CompareOptions } from './compare-calls.js';
import type { IntakeOptions, IntakeTimes } from './intake.js';
import type { Task } from './load-generator.js';

/** The running load generator. */
export interface LoadGenerator {
  readonly pid: number;
  intake(options: IntakeOptions): Promise<IntakeTimes>;
  compareCalls(options: CompareOptions): Promise<SingleCalls>;
}

/** What the next message says. */
function answerOf(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error('the load generator ended'));
    child.once('exit', ended);
    child.once('message', ({ result, problem }: { result?: unknown; problem?: string }) => {
      child.off('exit', ended);
      if (problem === undefined) resolve(result);
      else reject(new Error(problem));
    });
  });
}

/**
 * Starts the load generator. It ends with this process, however that ends: their channel closes.
 */
export async function startLoadGenerator(program: string): Promise<LoadGenerator> {
  // In a group of its own: Ctrl-C at the terminal ends the bench, which ends the rest in order.
  const child = fork(program, { detached: true });
  await answerOf(child);
  const perform = (task: Task) => {
    child.send(task);
    return answerOf(child);
  };
  return {
    pid: child.pid ?? 0,
    intake: (options) => perform({ task: 'intake', options }) as Promise<IntakeTimes>,
    compareCalls: (options) => perform({ task: 'compareCalls', options }) as Promise<SingleCalls>,
  };
}
