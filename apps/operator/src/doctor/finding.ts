// The result of one check of the installation.
import type { Grade } from '@quittance/operations';

/** One result, for a person. Texts contain no addresses with passwords, keys or bodies. */
export interface Finding {
  /** The subject, e.g. `Postgres durability`. */
  readonly check: string;
  /** `unknown`: the check could not be made, for example without a right. */
  readonly grade: Grade;
  readonly finding: string;
  /** The next step; null when there is nothing to do. */
  readonly advice: string | null;
}

export function good(check: string, finding: string): Finding {
  return { check, grade: 'good', finding, advice: null };
}

export function bad(check: string, finding: string, advice: string): Finding {
  return { check, grade: 'bad', finding, advice };
}

export function attention(check: string, finding: string, advice: string): Finding {
  return { check, grade: 'attention', finding, advice };
}

export function unknown(check: string, finding: string, advice: string): Finding {
  return { check, grade: 'unknown', finding, advice };
}
