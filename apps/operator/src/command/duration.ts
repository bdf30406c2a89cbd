// Durations as a person writes them: `90s`, `30m`, `6h`, `2d`.
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
