// Time as a dependency, so that a test decides what time it is.

/**
 * The source of the present instant. Abstract class rather than interface: it doubles as Nest's
 * injection token.
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
