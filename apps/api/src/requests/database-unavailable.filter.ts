// Turns an unavailable Postgres into a 503 with Retry-After, wherever in a request it fails.
import { Catch } from '@nestjs/common';
import { Fault, Unavailable } from '@quittance/platform';
import { ProblemFilter } from '@quittance/server';
import { isDatabaseUnavailable } from '@quittance/persistence';

/**
 * Returns the thrown error, or {@link Unavailable} for an unavailable Postgres. An unconfirmed
 * commit may have happened. Every write of the api can be repeated, so the text promises only that.
 */
export function translate(thrown: unknown): unknown {
  if (thrown instanceof Fault || !isDatabaseUnavailable(thrown)) return thrown;
  const detail =
    'Temporarily unavailable. Sending the same request again is safe and returns its result.';
  return new Unavailable('unavailable', detail, { cause: thrown });
}

/** The problem filter of every app, with the 503 for an unavailable Postgres. */
@Catch()
export class DatabaseUnavailableFilter extends ProblemFilter {
  protected override translate(thrown: unknown): unknown {
    return translate(thrown);
  }
}
