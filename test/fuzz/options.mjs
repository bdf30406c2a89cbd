// The command line of the fuzz.
import { readArguments, wholeNumber } from '../../tools/terminal/options.ts';
import { newSeed } from '../chaos/random.ts';

export const USAGE = `npm run fuzz -- [options]
  --seed <n>        replays a run: every request and every callback comes from it
  --requests <n>    requests to the api (20000)
  --callbacks <n>   callbacks to the webhook app (100000)`;

const text = { type: 'string' };
const OPTIONS = {
  seed: text,
  requests: text,
  callbacks: text,
  help: { type: 'boolean', default: false },
};

/**
 * Throws a Problem with the usage.
 * @param {string[]} args
 * @returns {{ help: boolean, seed: number, requests: number, callbacks: number }}
 */
export function readOptions(args) {
  const values = readArguments(args, OPTIONS, USAGE);
  const number = (name, preset) => wholeNumber(values, name, { least: 0, preset, usage: USAGE });
  return {
    help: values.help,
    seed: number('seed', newSeed()),
    requests: number('requests', 20_000),
    callbacks: number('callbacks', 100_000),
  };
}
