// Serves `/metrics`.
import { Controller, Get, Header, Module } from '@nestjs/common';
import { Metrics } from '@quittance/platform';
import { Registry } from 'prom-client';

@Controller()
class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  @Get('metrics')
  @Header('content-type', Registry.PROMETHEUS_CONTENT_TYPE)
  scrape(): Promise<string> {
    return this.metrics.registry.metrics();
  }
}

/** Serves `/metrics` from the {@link Metrics} with which the app was created. */
@Module({ controllers: [MetricsController] })
export class MetricsModule {}
