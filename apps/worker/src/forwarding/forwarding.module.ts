// Provides the forwarding of callbacks, and starts what is due several times a second.
import {
  type BeforeApplicationShutdown,
  Module,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { PostgresModule, storeProviders, TerminalKeys, VaultModule } from '@quittance/modules';
import { Forwards, Terminals } from '@quittance/persistence';
import { Logger, PeriodicTask } from '@quittance/platform';
import { CallbackForwarding } from './callback-forwarding.js';
import { WebhookClient } from './webhook-client.js';

/** The longest delay of a callback besides its receiver's. */
const FORWARD_EVERY_MS = 250;

@Module({
  imports: [PostgresModule, VaultModule],
  providers: [
    ...storeProviders(Forwards, Terminals),
    TerminalKeys,
    WebhookClient,
    CallbackForwarding,
  ],
})
export class ForwardingModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #task: PeriodicTask;

  constructor(
    private readonly forwarding: CallbackForwarding,
    log: Logger,
  ) {
    this.#task = new PeriodicTask({
      name: 'forwarding',
      everyMs: FORWARD_EVERY_MS,
      jitter: 0.2,
      run: () => forwarding.start(),
      log,
    });
  }

  onApplicationBootstrap(): void {
    this.#task.start();
  }

  /** Receivers that are being called have their time to respond. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.#task.stop();
    await this.forwarding.settled();
  }
}
