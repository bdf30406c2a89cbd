// Runs several commands of the operator's CLI in one process: loading its code takes longer than what they do. They come by
// standard input, because a command line, and so a terminal's private key on it, is visible to every user.
// In: a JSON array of argument lists. Out: a JSON array of what each printed, or of `{ failed }` for the first that could not.
import { text } from 'node:stream/consumers';
import { CLI_COMMANDS } from './operator.mjs';

/** What the commands print while `work` runs. */
async function printedBy(work) {
  const write = process.stdout.write.bind(process.stdout);
  let printed = '';
  process.stdout.write = (chunk) => {
    printed += chunk;
    return true;
  };
  try {
    await work();
  } finally {
    process.stdout.write = write;
  }
  return printed.trim();
}

const { createProgram } = await import(CLI_COMMANDS);
const results = [];
try {
  for (const args of JSON.parse(await text(process.stdin))) {
    const run = () => createProgram(process.env).parseAsync(args, { from: 'user' });
    results.push(await printedBy(run));
  }
} catch (error) {
  results.push({ failed: error.message });
}
process.stdout.write(JSON.stringify(results));
