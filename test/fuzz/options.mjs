// The command line of the fuzz.
import { parseArgs } from 'node:util';
import { Problem } from '../../tools/terminal/problem.mjs';
import { newSeed } from '../chaos/random.mjs';

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

function parsed(args) {
  try {
    return parseArgs({ args, options: OPTIONS }).values;
  } catch (error) {
    throw new Problem(`${error.message}\n\n${USAGE}`);
  }
}

function wholeNumber(values, name, preset) {
  const value = values[name] === undefined ? preset : Number(values[name]);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new Problem(`--${name} must be a whole number from 0 up.\n\n${USAGE}`);
}

/**
 * Throws a Problem with the usage.
 * @param {string[]} args
 * @returns {{ help: boolean, seed: number, requests: number, callbacks: number }}
 */
export function readOptions(args) {
  const values = parsed(args);
  return {
    help: values.help,
    seed: wholeNumber(values, 'seed', newSeed()),
    requests: wholeNumber(values, 'requests', 20_000),
    callbacks: wholeNumber(values, 'callbacks', 100_000),
  };
}
