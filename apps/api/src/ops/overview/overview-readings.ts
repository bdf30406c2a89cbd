// The series of the overview, shared by all open pages: each range is read once per step, and once
// a minute where steps are longer.
import { Injectable } from '@nestjs/common';
import {
  loadOverview,
  type Overview,
  overviewEnd,
  type OverviewRange,
} from '@quittance/operations';
import { Clock } from '@quittance/platform';
import { Pool } from 'pg';

/** Late samples of long steps appear after this time. */
const SHARED_MS = 60_000;

interface Reading {
  readonly end: number;
  readonly at: number;
  readonly overview: Promise<Overview>;
}

@Injectable()
export class OverviewReadings {
  readonly #last = new Map<OverviewRange, Reading>();

  constructor(
    private readonly pool: Pool,
    private readonly clock: Clock,
  ) {}

  /** Resolves with the series of a range. Rejects while Postgres is unavailable. */
  read(range: OverviewRange): Promise<Overview> {
    const end = overviewEnd(range, this.clock.now());
    const last = this.#last.get(range);
    if (last?.end === end && performance.now() - last.at < SHARED_MS) return last.overview;
    const overview = loadOverview({ pool: this.pool, clock: this.clock }, range);
    const reading = { end, at: performance.now(), overview };
    this.#last.set(range, reading);
    overview.catch(() => {
      if (this.#last.get(range) === reading) this.#last.delete(range);
    });
    return overview;
  }
}
