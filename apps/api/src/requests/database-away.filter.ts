// Postgres away is nobody's fault and passes: 503 with Retry-After, wherever in a request it shows.
import { Catch } from '@nestjs/common';
import { Fault, ProblemFilter, Unavailable } from '@quittance/platform';
import { isDatabaseAway } from '@quittance/persistence';

/**
 * What was thrown, with Postgres's absence understood. A commit whose confirmation got lost may
 * have happened: every write of the api can be sent again, so the words promise only that.
 */
export function understood(thrown: unknown): unknown {
  if (thrown instanceof Fault || !isDatabaseAway(thrown)) return thrown;
  const detail =
    'Not available at the moment. Sending the same request again is safe and tells how it ended.';
  return new Unavailable('unavailable', detail, { cause: thrown });
}

/** The problem filter of every app, with Postgres's absence understood. */
@Catch()
export class DatabaseAwayFilter extends ProblemFilter {
  protected override understood(thrown: unknown): unknown {
    return understood(thrown);
  }
}
