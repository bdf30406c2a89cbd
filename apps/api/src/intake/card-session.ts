// The sealing session of this process (docs/adr/0059-a-key-agreement-per-session.md). Its secret
// ends once a minute, also without a further card.
import {
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Logger, PeriodicTask } from '@quittance/platform';
import { SealingSession } from '@quittance/vault';

const SESSION_MS = 60_000;

@Injectable()
export class CardSession
  extends SealingSession
  implements OnApplicationBootstrap, OnApplicationShutdown
{
  readonly #minute: PeriodicTask;

  constructor(log: Logger) {
    super();
    const run = () => Promise.resolve(this.end());
    const everyMs = SESSION_MS;
    this.#minute = new PeriodicTask({
      name: 'sealing session',
      everyMs,
      startsLater: true,
      run,
      log,
    });
  }

  onApplicationBootstrap(): void {
    this.#minute.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#minute.stop();
    this.end();
  }
}
