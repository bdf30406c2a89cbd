// Postgres away is nobody's fault and passes: 503 with Retry-After, wherever in a request it shows.
import { type ArgumentsHost, Catch } from '@nestjs/common';
import { Fault, ProblemFilter, Unavailable } from '@quittance/platform';

const SQLSTATE = /^[0-9A-Z]{5}$/;
/** Connection exception, insufficient resources, operator intervention, system error. */
const AWAY_CLASSES = /^(08|53|57|58)/;
/** What pg says, without a code, when a connection breaks or cannot be had. */
const AWAY_MESSAGES =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Query read timeout|Cannot use a pool after calling end)/;

/** Whether an error of pg says that Postgres cannot be reached or does not work, rather than that it refused something. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError) return error.errors.some(isDatabaseAway);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  if (code === undefined) return AWAY_MESSAGES.test(error.message);
  if ('syscall' in error) return true;
  return SQLSTATE.test(code) && AWAY_CLASSES.test(code);
}

/**
 * The answer while Postgres is away. A commit whose confirmation got lost may have happened: every write of the api can
 * be sent again, so the words promise only that.
 */
export function databaseAway(cause: unknown): Unavailable {
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
