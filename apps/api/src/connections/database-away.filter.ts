// Postgres away is nobody's fault and passes: 503 with Retry-After, wherever in a request it shows.
import { type ArgumentsHost, Catch } from '@nestjs/common';
import { Fault, ProblemFilter, Unavailable } from '@quittance/platform';
import { isDatabaseAway } from './database-away.js';

/**
 * The answer while Postgres is away. A commit whose confirmation got lost may have happened: every write of the api can
 * be sent again, so the words promise only that.
 */
function databaseAway(cause: unknown): Unavailable {
  const detail =
    'Not available at the moment. Sending the same request again is safe and tells how it ended.';
  return new Unavailable('unavailable', detail, { cause });
}

/** The problem filter of every app, with Postgres's absence understood. */
@Catch()
export class DatabaseAwayFilter extends ProblemFilter {
  override catch(thrown: unknown, host: ArgumentsHost): void {
    const isAway = !(thrown instanceof Fault) && isDatabaseAway(thrown);
    super.catch(isAway ? databaseAway(thrown) : thrown, host);
  }
}
