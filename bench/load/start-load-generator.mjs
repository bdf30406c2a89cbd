// The bench's side of the load generator.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('load-generator.mjs', import.meta.url));

/** What the next message says. */
function answerOf(child) {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error('the load generator ended'));
    child.once('exit', ended);
    child.once('message', ({ result, problem }) => {
      child.off('exit', ended);
      if (problem === undefined) resolve(result);
      else reject(new Error(problem));
    });
  });
}

/**
 * Starts the load generator. It ends with this process, however that ends: their channel closes.
 * @returns {Promise<{ pid: number, run: (task: 'intake' | 'compareCalls', options: object) => Promise<any> }>}
 */
export async function startLoadGenerator() {
  // In a group of its own: Ctrl-C at the terminal ends the bench, which ends the rest in order.
  const child = fork(PROGRAM, { detached: true });
  await answerOf(child);
  return {
    pid: child.pid,
    run: (task, options) => {
      child.send({ task, options });
      return answerOf(child);
    },
  };
}
