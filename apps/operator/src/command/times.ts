// Durations and instants as a person writes them.
import { InvalidArgumentError } from 'commander';

const UNITS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 } as const;
type Unit = keyof typeof UNITS;

/** Milliseconds. Throws commander's InvalidArgumentError. */
export function parseDuration(text: string): number {
  const [, count = '', unit = 's'] = /^([1-9]\d{0,5})([smhd])$/.exec(text) ?? [];
  if (count === '') {
    throw new InvalidArgumentError('A duration is a number and a unit: 90s, 30m, 6h or 2d.');
  }
  return Number(count) * UNITS[unit as Unit];
}

/** The shortest way to write it. */
export function durationText(ms: number): string {
  const fitting = Object.entries(UNITS).find(([, unitMs]) => ms % unitMs === 0);
  return fitting ? `${ms / fitting[1]}${fitting[0]}` : `${ms / 1000}s`;
}

/**
 * `2027-01-31` (midnight UTC) or `2027-01-31T12:00:00Z`. Throws commander's InvalidArgumentError.
 */
export function parseDate(text: string): Date {
  const date = new Date(text);
  if (!/^\d{4}-\d{2}-\d{2}/.test(text) || Number.isNaN(date.getTime())) {
    throw new InvalidArgumentError('A date is written as 2027-01-31 or 2027-01-31T12:00:00Z.');
  }
  return date;
}

/** The end of a key that is made at `now`. */
export type KeyEnd = (now: Date) => Date;

const DATE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?Z)?$/;

/**
 * Reads `90d`, `12h`, `2027-01-31` (its start in UTC) or `2027-01-31T12:00Z`. Throws commander's
 * InvalidArgumentError.
 */
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
