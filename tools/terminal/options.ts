// Reading a command line, with the usage in every complaint.
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { Problem } from './problem.mjs';

/**
 * The values of the options.
 * @throws {Problem} for an option that there is not
 */
export function readArguments<T extends NonNullable<ParseArgsConfig['options']>>(
  args: string[],
  options: T,
  usage: string,
) {
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new Problem(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  }
}

/**
 * The whole number that an option holds, or `preset` where it is not given.
 * @throws {Problem} below `least`, and for what is no whole number
 */
export function wholeNumber(
  values: Readonly<Record<string, unknown>>,
  name: string,
  { least, preset, usage }: { least: number; preset: number; usage: string },
): number {
  const value = values[name] === undefined ? preset : Number(values[name]);
  if (Number.isInteger(value) && value >= least) return value;
  throw new Problem(`--${name} must be a whole number from ${least} up.\n\n${usage}`);
}
