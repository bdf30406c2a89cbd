// Provides the gateway client. Only the worker calls the gateway.
import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { GatewayClient } from '@quittance/gateway';
import { Metrics } from '@quittance/platform';
import { GatewaySettings } from './config.js';

@Module({
  providers: [
    {
      provide: GatewayClient,
      inject: [Metrics, GatewaySettings],
      useFactory: (metrics: Metrics, { inquiryTimeoutMs, pins }: GatewaySettings) =>
        new GatewayClient({ metrics, inquiryTimeoutMs, ...(pins && { pins }) }),
    },
  ],
  exports: [GatewayClient],
})
export class GatewayModule implements OnApplicationShutdown {
  constructor(private readonly gateway: GatewayClient) {}

  onApplicationShutdown(): void {
    this.gateway.close();
  }
}
