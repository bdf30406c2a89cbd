// Combines the gateway's paths and the sandbox's control paths over one ledger.
import { type DynamicModule, Module, type OnApplicationShutdown } from '@nestjs/common';
import { ConfigModule, HealthModule, MetricsModule } from '@quittance/server';
import { Acquirer } from './acquirer/acquirer.js';
import { type SandboxConfig, sandboxConfig, SandboxSettings } from './config.js';
import { ControlController } from './control/control.controller.js';
import { IndexController } from './control/index.controller.js';
import { Faults } from './exchange/faults.js';
import { Listener } from './control/listener.js';
import { SandboxReset } from './control/sandbox-reset.js';
import { PaymentSettlement } from './status/payment-settlement.js';
import { Timers } from './exchange/timers.js';
import { Blocklist } from './creation/blocklist.js';
import { CreateController } from './creation/create.controller.js';
import { PaymentCreation } from './creation/payment-creation.js';
import { CurrentGeneration } from './generation/generation.js';
import { PayerController } from './payer/payer.controller.js';
import { BackOffice } from './refunds/back-office.js';
import { BackOfficeController } from './refunds/back-office.controller.js';
import { RefundRequests } from './refunds/refund-requests.js';
import { StatusController } from './status/status.controller.js';
import { StatusUpdater } from './status/status-updater.js';
import { Terminals } from './transactions/terminals.js';
import { SandboxState } from './transactions/sandbox-state.js';
import { Ledger } from './transactions/ledger.js';
import { WebhookNotifier } from './webhook/webhook-notifier.js';
import { WebhookSender } from './webhook/webhook-sender.js';
import { Exchange } from './exchange/exchange.js';

@Module({
  // The sandbox has no dependencies, so it is ready once it is up.
  imports: [MetricsModule, HealthModule.registerAsync({ useFactory: () => [] })],
  controllers: [
    CreateController,
    StatusController,
    PayerController,
    BackOfficeController,
    ControlController,
    IndexController,
  ],
  providers: [
    SandboxState,
    {
      provide: Terminals,
      inject: [SandboxState],
      useFactory: ({ terminals }: SandboxState) => terminals,
    },
    { provide: Ledger, inject: [SandboxState], useFactory: ({ ledger }: SandboxState) => ledger },
    {
      provide: CurrentGeneration,
      inject: [SandboxSettings],
      useFactory: ({ generation }: SandboxSettings) => new CurrentGeneration(generation),
    },
    Acquirer,
    BackOffice,
    Blocklist,
    PaymentCreation,
    Exchange,
    Faults,
    Listener,
    RefundRequests,
    SandboxReset,
    PaymentSettlement,
    Timers,
    StatusUpdater,
    WebhookNotifier,
    WebhookSender,
  ],
})
export class SandboxModule implements OnApplicationShutdown {
  static forRoot(config: SandboxConfig): DynamicModule {
    return {
      module: SandboxModule,
      imports: [ConfigModule.forRoot('sandbox', sandboxConfig, config)],
    };
  }

  constructor(
    private readonly state: SandboxState,
    private readonly listener: Listener,
    private readonly sender: WebhookSender,
    private readonly timers: Timers,
  ) {}

  /** Stops everything that outlives the server. All requests have been answered by now. */
  async onApplicationShutdown(): Promise<void> {
    this.listener.stop();
    this.timers.clear();
    await this.sender.close();
    this.state.journal?.close();
  }
}
