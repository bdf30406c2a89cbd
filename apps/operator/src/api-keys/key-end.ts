// When a key ends, as a person writes it: a duration from now, or a date.
import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../command/duration.js';

/** The end of a key that is made at `now`. */
export type KeyEnd = (now: Date) => Date;

const DATE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?Z)?$/;

/** Reads `90d`, `12h`, `2027-01-31` (its start in UTC) or `2027-01-31T12:00Z`. Throws commander's InvalidArgumentError. */
export function parseEnd(text: string): KeyEnd {
  if (/^\d+[smhd]$/.test(text)) {
    const ms = parseDuration(text);
    return (now) => new Date(now.getTime() + ms);
  }
  const date = new Date(text);
  const isReal = DATE.test(text) && date.toString() !== 'Invalid Date';
  // `new Date` takes 31 February for 3 March.
  if (!isReal || !date.toISOString().startsWith(text.slice(0, 10))) {
    throw new InvalidArgumentError(
      'An end is a duration (90d, 12h) or a date (2027-01-31 or 2027-01-31T12:00:00Z).',
    );
  }
  return () => date;
}
