// The gateway's paths and the sandbox's own, over one set of parts.
import { Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { HealthModule, MetricsModule, type Metrics } from '@quittance/platform';
import type { SandboxParts } from './assemble-sandbox.js';
import { SandboxSettings } from './config.js';
import { ControlController } from './control/control.controller.js';
import { CreateController } from './creation/create.controller.js';
import { PayerController } from './payer/payer.controller.js';
import { BackOfficeController } from './refunds/back-office.controller.js';
import { StatusController } from './status/status.controller.js';

/** Ends what outlives the server; Nest calls it when all requests were answered. */
class SandboxEnd implements OnApplicationShutdown {
  constructor(private readonly stop: () => Promise<void>) {}

  onApplicationShutdown(): Promise<void> {
    return this.stop();
  }
}

@Module({})
export class SandboxModule {
  static register(settings: SandboxSettings, parts: SandboxParts, metrics: Metrics): DynamicModule {
    return {
      module: SandboxModule,
      // It depends on nothing but itself, so being up is being ready.
      imports: [MetricsModule.register(metrics), HealthModule.register({ checks: [] })],
      controllers: [
        CreateController,
        StatusController,
        PayerController,
        BackOfficeController,
        ControlController,
      ],
      providers: [
        { provide: SandboxSettings, useValue: settings },
        { provide: SandboxEnd, useValue: new SandboxEnd(parts.stop) },
        ...parts.injectable.map((part) => ({ provide: part.constructor, useValue: part })),
      ],
    };
  }
}
