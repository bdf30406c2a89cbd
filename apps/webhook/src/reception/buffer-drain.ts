// Stores the callbacks that were buffered in Redis while Postgres was unavailable.
import {
  type BeforeApplicationShutdown,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Logger, PeriodicTask } from '@quittance/platform';
import { CallbackCounter } from './callback-counter.js';
import { CallbackReception } from './callback-reception.js';
import { BufferedCallbacks } from '../outage/buffered-callbacks.js';

const DRAIN_EVERY_MS = 1_000;
const DRAINED_PER_PASS = 100;

@Injectable()
export class BufferDrain implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #task: PeriodicTask;
  /** Callbacks that an earlier process set aside are retried once per start. */
  #hasRestored = false;

  constructor(
    private readonly buffer: BufferedCallbacks,
    private readonly receiver: CallbackReception,
    private readonly callbacks: CallbackCounter,
    log: Logger,
  ) {
    this.#task = new PeriodicTask({
      name: 'buffered callbacks',
      everyMs: DRAIN_EVERY_MS,
      run: () => this.#drain(),
      log,
    });
  }

  onApplicationBootstrap(): void {
    this.#task.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#task.stop();
  }

  async #drain(): Promise<'again' | undefined> {
    if (!this.#hasRestored) await this.buffer.restoreSetAside();
    this.#hasRestored = true;
    const { read, setAside } = await this.buffer.drain(DRAINED_PER_PASS, (received) =>
      this.receiver.receive(received),
    );
    this.callbacks.count('set_aside', setAside);
    return read === DRAINED_PER_PASS ? 'again' : undefined;
  }
}
