// Parses and formats the durations and dates of the command line.
import { InvalidArgumentError } from 'commander';

const UNITS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 } as const;
type Unit = keyof typeof UNITS;

/** Parses a duration into milliseconds. Throws commander's InvalidArgumentError. */
export function parseDuration(text: string): number {
  const [, count = '', unit = 's'] = /^([1-9]\d{0,5})([smhd])$/.exec(text) ?? [];
  if (count === '') {
    throw new InvalidArgumentError('A duration is a number and a unit: 90s, 30m, 6h or 2d.');
  }
  return Number(count) * UNITS[unit as Unit];
}

/** Returns a duration in its largest whole unit. */
export function durationText(ms: number): string {
  const fitting = Object.entries(UNITS).find(([, unitMs]) => ms % unitMs === 0);
  return fitting ? `${ms / fitting[1]}${fitting[0]}` : `${ms / 1000}s`;
}

/**
 * Parses `2027-01-31` (midnight UTC) or `2027-01-31T12:00:00Z`. Throws commander's
 * InvalidArgumentError.
 */
export function parseDate(text: string): Date {
  const date = new Date(text);
  if (!/^\d{4}-\d{2}-\d{2}/.test(text) || Number.isNaN(date.getTime())) {
    throw new InvalidArgumentError('A date has the form 2027-01-31 or 2027-01-31T12:00:00Z.');
  }
  return date;
}

/** Returns the expiry of a key that is created at `now`. */
export type KeyEnd = (now: Date) => Date;

const DATE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?Z)?$/;

/**
 * Parses `90d`, `12h`, `2027-01-31` (its start in UTC) or `2027-01-31T12:00Z`. Throws commander's
 * InvalidArgumentError.
 */
export function parseEnd(text: string): KeyEnd {
  if (/^\d+[smhd]$/.test(text)) {
    const ms = parseDuration(text);
    return (now) => new Date(now.getTime() + ms);
  }
  const date = new Date(text);
  const isReal = DATE.test(text) && date.toString() !== 'Invalid Date';
  // `new Date` accepts 31 February as 3 March.
  if (!isReal || !date.toISOString().startsWith(text.slice(0, 10))) {
    throw new InvalidArgumentError(
      'An expiry is a duration (90d, 12h) or a date (2027-01-31 or 2027-01-31T12:00:00Z).',
    );
  }
  return () => date;
}
