// Instants as a person writes them.
import { InvalidArgumentError } from 'commander';

/** `2027-01-31` (midnight UTC) or `2027-01-31T12:00:00Z`. Throws commander's InvalidArgumentError. */
export function parseDate(text: string): Date {
  const date = new Date(text);
  if (!/^\d{4}-\d{2}-\d{2}/.test(text) || Number.isNaN(date.getTime())) {
    throw new InvalidArgumentError('A date is written as 2027-01-31 or 2027-01-31T12:00:00Z.');
  }
  return date;
}
