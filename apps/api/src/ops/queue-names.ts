// Lists the queues: one per lane in use, one per subscriber, and those of every deployment.
import { Injectable } from '@nestjs/common';
import { subscriberQueue } from '@quittance/events';
import { EventSettings } from '@quittance/modules';
import { Terminals, type TerminalWithoutKey } from '@quittance/persistence';
import { INTENTS_QUEUE } from '../publishing/published-job.js';
import { jobNames, JOBS, queueOf } from '@quittance/queues';

/** Lanes change only when a terminal is added. */
const CACHE_MS = 5_000;

@Injectable()
export class QueueNames {
  #names: readonly string[] = [];
  #readAt = -Infinity;

  constructor(
    private readonly terminals: Terminals<TerminalWithoutKey>,
    private readonly settings: EventSettings,
  ) {}

  /** Resolves with the names; while Postgres is unavailable, with the last known ones. */
  async list(): Promise<readonly string[]> {
    if (performance.now() - this.#readAt > CACHE_MS) {
      this.#readAt = performance.now();
      this.#names = await this.#read().catch(() => this.#names);
    }
    return this.#names;
  }

  async #read(): Promise<string[]> {
    const lanes = await this.terminals.lanes();
    const jobs = jobNames.flatMap((name) =>
      JOBS[name].hasLanes ? lanes.map((lane) => queueOf(name, lane)) : [queueOf(name)],
    );
    return [
      ...new Set([INTENTS_QUEUE, ...jobs, ...this.settings.subscribers.map(subscriberQueue)]),
    ];
  }
}
