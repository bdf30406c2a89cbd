// Time as a dependency, so that tests control it.

/**
 * The source of the current time. It is an abstract class because it serves as Nest's injection
 * token.
 */
export abstract class Clock {
  abstract now(): Date;
}

class SystemClock extends Clock {
  override now(): Date {
    return new Date();
  }
}

/** The machine's own clock (UTC, millisecond resolution). */
export const systemClock: Clock = new SystemClock();
