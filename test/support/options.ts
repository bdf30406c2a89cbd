// Values of options on a command line.
import { InvalidArgumentError } from 'commander';

/** Parses the value of an option that is a whole number from `least` up. */
export const wholeNumber =
  (least: number) =>
  (text: string): number => {
    if (/^\d+$/.test(text) && Number(text) >= least) return Number(text);
    throw new InvalidArgumentError(`It must be a whole number from ${least} up.`);
  };
