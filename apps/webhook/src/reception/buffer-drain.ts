// Stores the callbacks that Redis buffered while Postgres was unavailable.
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
  /** What an earlier start set aside is tried once more. */
  #hasTakenUp = false;

  constructor(
    private readonly kept: BufferedCallbacks,
    private readonly receiver: CallbackReception,
    private readonly callbacks: CallbackCounter,
    log: Logger,
  ) {
    this.#task = new PeriodicTask({
      name: 'kept callbacks',
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
    if (!this.#hasTakenUp) await this.kept.takeUpAgain();
    this.#hasTakenUp = true;
    const { lookedAt, setAside } = await this.kept.drain(DRAINED_PER_PASS, (received) =>
      this.receiver.receive(received),
    );
    this.callbacks.count('set_aside', setAside);
    return lookedAt === DRAINED_PER_PASS ? 'again' : undefined;
  }
}
