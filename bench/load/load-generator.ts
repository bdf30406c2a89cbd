// The load generator: a process of its own, so that its work is measured apart from that of the
// contestants. It gets its tasks over the channel to its parent and ends with it.
import { compareCalls, type CompareOptions } from './compare-calls.js';
import { intake, type IntakeOptions } from './intake.js';

/** A task by its name. */
export type Task =
  | { readonly task: 'intake'; readonly options: IntakeOptions }
  | { readonly task: 'compareCalls'; readonly options: CompareOptions };

const send = (message: unknown) => process.send?.(message);

process.on('message', (message: Task) => {
  const work: Promise<unknown> =
    message.task === 'intake' ? intake(message.options) : compareCalls(message.options);
  work.then(
    (result) => send({ result }),
    (error: Error) => send({ problem: error.message }),
  );
});
process.on('disconnect', () => process.exit(0));
send({ result: 'ready' });
