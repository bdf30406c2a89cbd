// The load generator: a process of its own, so that its work is measured apart from that of the contestants. It is told
// what to do over the channel to its parent and ends with it.
import { compareCalls } from './compare-calls.mjs';
import { intake } from './intake.mjs';

const TASKS = { intake, compareCalls };

function perform({ task, options }) {
  TASKS[task](options).then(
    (result) => process.send({ result }),
    (error) => process.send({ problem: error.message }),
  );
}

process.on('message', perform);
process.on('disconnect', () => process.exit(0));
process.send({ result: 'ready' });
