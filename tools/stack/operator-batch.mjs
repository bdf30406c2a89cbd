// Runs several commands of the operator's CLI in one process: loading its code takes longer than
// what they do. They come by standard input, because a command line, and so a terminal's private
// key on it, is visible to every user. In: the module of `runCli` as argument, and a JSON array of
// argument lists. Out: a JSON array of what each printed, or of `{ failed }` for the first that
// could not. Plain JavaScript, because it starts for every test file and tsx would take longer than
// the work.
import { text } from 'node:stream/consumers';

/** @type {typeof import('../../apps/operator/src/run-cli.js')} */
const { runCli } = await import(process.argv[2] ?? '');

/** @param {string[]} args */
async function run(args) {
  let [printed, remarked] = ['', ''];
  const exitCode = await runCli(args, {
    env: process.env,
    stdin: async () => '',
    print: (output) => (printed += output),
    remark: (words) => (remarked += words),
  });
  return exitCode === 0 ? printed.trim() : { failed: remarked.trim() };
}

const results = [];
for (const args of JSON.parse(await text(process.stdin))) {
  results.push(await run(args));
  if (typeof results.at(-1) !== 'string') break;
}
process.stdout.write(JSON.stringify(results));
