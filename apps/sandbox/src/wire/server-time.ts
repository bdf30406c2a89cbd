// Formats times as the gateway does: in its local time zone, without naming it (protocol §3.1).
import type { Behaviour } from '../generation/generation.js';

const two = (value: number): string => String(value).padStart(2, '0');

function secondsText(at: Date): string {
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** Returns `yyyy-MM-dd HH:mm:ss`, the resolution of a refund reply on the reference page (§8). */
export function wholeSecondText(at: Date): string {
  return secondsText(at);
}

/**
 * Returns `yyyy-MM-dd HH:mm:ss.ffffff`. In the older server the six digits are zero-padded
 * milliseconds (`.000657` is 657 ms), in the newer one a true fraction.
 */
export function serverTimeText(at: Date, fraction: Behaviour['timeFraction']): string {
  const milliseconds = String(at.getMilliseconds());
  const digits =
    fraction === 'paddedMilliseconds'
      ? milliseconds.padStart(6, '0')
      : `${milliseconds.padStart(3, '0')}000`;
  return `${secondsText(at)}.${digits}`;
}
