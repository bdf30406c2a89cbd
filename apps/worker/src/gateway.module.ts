// Provides the gateway client. Only the worker calls the gateway.
import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { GatewayClient, type GatewayClientOptions } from '@quittance/gateway';
import { PaymentStoreModule } from '@quittance/modules';
import { SampleRecorder } from '@quittance/persistence';
import { Metrics } from '@quittance/platform';
import { GatewaySettings } from './config.js';

@Module({
  imports: [PaymentStoreModule],
  providers: [
    {
      provide: GatewayClient,
      inject: [Metrics, GatewaySettings, SampleRecorder],
      useFactory: (
        metrics: Metrics,
        { inquiryTimeoutMs, pins }: GatewaySettings,
        samples: SampleRecorder,
      ) => {
        const onCall: GatewayClientOptions['onCall'] = (lane, result) =>
          samples.gatewayCalled(lane, result);
        return new GatewayClient({ metrics, inquiryTimeoutMs, onCall, ...(pins && { pins }) });
      },
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
