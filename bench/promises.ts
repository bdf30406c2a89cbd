// The check that a contestant does what it promises, by counts of its database: a version that is
// fast because it forgets something would be no measure.
import { onDatabase } from '@quittance/databases';
import type { ClientBase } from 'pg';
import { eventually } from '../test/support/eventually.js';
import { Problem } from '../tools/terminal/problem.mjs';
import { step } from '../tools/terminal/progress.mjs';
import type { Contestant } from './contestant.js';

/** Counts by the names of their columns; `payments` is that of all payments. */
export type Counts = Readonly<Record<string, number>>;

/** The promises of a contestant. */
export interface Promised {
  /** A statement that selects one row of counts. */
  readonly text: string;
  /** The counts that must be there; each other one is of something that must not. */
  readonly promised: (counts: Counts) => Counts;
}

/** The last events of the last payments may be stored later than they count. */
const SETTLING = { limitMs: 15_000, everyMs: 250 };

/** The names of the counts that show a broken promise. */
export function brokenPromises(counts: Counts, { promised }: Pick<Promised, 'promised'>): string[] {
  const expected = promised(counts);
  return Object.keys(counts).filter((name) => counts[name] !== (expected[name] ?? 0));
}

/** The contestant, with `counts` among its figures, of its database once everything has arrived. */
export function withCounts(contestant: Contestant, url: string, promises: Promised): Contestant {
  const { name } = contestant;
  const count = async () => {
    const query = (client: ClientBase) => client.query<Counts>(promises.text);
    const [counts = {}] = (await onDatabase(url, query)).rows;
    const broken = brokenPromises(counts, promises).map((one) => `${one} ${counts[one]}`);
    if (broken.length === 0) return counts;
    throw new Problem(`The ${name} version broke its promises: ${broken.join(', ')}`);
  };
  const moreFigures = () =>
    step(`${name} counts`, async (say) => {
      const counts = await eventually(count, SETTLING);
      say(`${counts['payments']} payments, all as promised`);
      return { counts };
    });
  return { ...contestant, moreFigures };
}
