// The series of the overview, shared by all open pages: each range is read once per step, and once
// a minute where steps are longer.
import { Injectable } from '@nestjs/common';
import {
  loadOverview,
  type Overview,
  OVERVIEW_RANGES,
  overviewEnd,
  type OverviewRange,
} from '@quittance/operations';
import { Reads } from '@quittance/persistence';
import { Clock } from '@quittance/platform';

/** Late samples of long steps appear after this time. */
const SHARED_MS = 60_000;

/** Beside so long a step, the lag of a read replica cannot be seen. */
const LONG_STEP_SECONDS = 300;

interface Reading {
  readonly end: number;
  readonly at: number;
  readonly overview: Promise<Overview>;
}

@Injectable()
export class OverviewReadings {
  readonly #last = new Map<OverviewRange, Reading>();

  constructor(
    private readonly reads: Reads,
    private readonly clock: Clock,
  ) {}

  /** Resolves with the series of a range. Rejects while Postgres is unavailable. */
  read(range: OverviewRange): Promise<Overview> {
    const end = overviewEnd(range, this.clock.now());
    const last = this.#last.get(range);
    if (last?.end === end && performance.now() - last.at < SHARED_MS) return last.overview;
    const isLong = OVERVIEW_RANGES[range].stepSeconds >= LONG_STEP_SECONDS;
    const pool = isLong ? this.reads.recent : this.reads.primary;
    const overview = loadOverview({ pool, clock: this.clock }, range);
    const reading = { end, at: performance.now(), overview };
    this.#last.set(range, reading);
    overview.catch(() => {
      if (this.#last.get(range) === reading) this.#last.delete(range);
    });
    return overview;
  }
}
