// One transaction in the gateway's ledger, which changes as protocol §5.3 and §8 allow. A report
// shows only the present state; an earlier report may still be in flight.
import fc from 'fast-check';
import type { GatewayReport } from '../src/evidence.js';
import { aReport } from './a-payment.js';

/** The codes of a record, oldest first; empty if the request never arrived. */
export type Life = readonly string[];

/**
 * The codes that may follow each code. 22 and 23 can be revoked and change into each other; 11 is a
 * dispute, won (1), lost (5) or refunded (7).
 */
const NEXT: Readonly<Record<string, readonly string[]>> = {
  '': ['0', '27', '1', '2', '10', '24', '25', '9', '26', '28'],
  '0': ['1', '2', '22', '23', '10'],
  '27': ['25', '26'],
  '22': ['1', '2', '22', '23', '10'],
  '23': ['1', '2', '22', '23', '10'],
  '1': ['8', '7', '11', '5'],
  '8': ['7'],
  '7': ['5'],
  '11': ['1', '5', '7'],
};

const CHARGED = ['1', '5', '7', '8', '9', '11', '25'];

/** Lives of up to six codes. */
export const someLife: fc.Arbitrary<Life> = fc
  .array(fc.nat({ max: 999 }), { maxLength: 6 })
  .map((choices) => {
    const life: string[] = [];
    for (const choice of choices) {
      const possible = NEXT[life.at(-1) ?? ''] ?? [];
      const code = possible[choice % Math.max(1, possible.length)];
      if (code !== undefined) life.push(code);
    }
    return life;
  });

/** True when money has moved, by the code on record. */
export const isCharge = (code: string | undefined): boolean =>
  code !== undefined && CHARGED.includes(code);

/** The report of the record in state `code`. Only an open one has an authurl (protocol §5.1). */
export function reportOf(code: string): GatewayReport {
  const isOpen = code === '0' || code === '27';
  return aReport(code, { authUrl: isOpen ? 'https://gateway.example/api/authurl/1' : null });
}
