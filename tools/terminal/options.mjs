// Reading a command line, with the usage in every complaint.
import { parseArgs } from 'node:util';
import { Problem } from './problem.mjs';

/**
 * The values of the options.
 * @param {string[]} args
 * @param {import('node:util').ParseArgsConfig['options']} options
 * @param {string} usage
 * @throws {Problem} for an option that there is not
 */
export function readArguments(args, options, usage) {
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new Problem(`${error.message}\n\n${usage}`);
  }
}

/**
 * The whole number that an option holds, or `preset` where it is not given.
 * @param {Record<string, unknown>} values
 * @param {string} name
 * @param {{ least: number, preset: number, usage: string }} bounds
 * @throws {Problem} below `least`, and for what is no whole number
 */
export function wholeNumber(values, name, { least, preset, usage }) {
  const value = values[name] === undefined ? preset : Number(values[name]);
  if (Number.isInteger(value) && value >= least) return value;
  throw new Problem(`--${name} must be a whole number from ${least} up.\n\n${usage}`);
}
