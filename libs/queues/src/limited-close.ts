// A BullMQ worker whose close has a limit. BullMQ alone would wait for its jobs for ever, and for a Redis that is away.
import { Worker } from 'bullmq';

/** A worker that can be left behind; see the top of this file. */
export class LimitedCloseWorker extends Worker {
  /** Takes no more jobs and waits for those in hand. Resolves with false when `limitMs` was not enough for them. */
  async closeWithin(limitMs: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), limitMs);
    });
    const inTime = await Promise.race([this.close().then(() => true), tooLate]);
    clearTimeout(timer);
    if (!inTime) await this.#leave();
    return inTime;
  }

  /** Ends timers and connections and stops renewing locks, so that another process takes the jobs up. */
  async #leave(): Promise<void> {
    await this.pause(true);
    await this.lockManager.close();
    await this.getBackend().close(true);
  }
}
