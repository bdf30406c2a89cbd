// Two questions an orchestrator asks: is the process alive (`/livez`), and can it do its work now (`/readyz`)?
// A dependency that is away makes a process unready or degraded, never dead: killing it would not bring it back.
import { Controller, type DynamicModule, Get, Inject, Module, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Metrics } from '../metrics.js';
import { Health, type HealthOptions, type Readiness } from './health.js';

/** The checks, and where their results are counted as well. */
export interface HealthModuleOptions extends HealthOptions {
  readonly metrics?: Metrics;
}

@Controller()
class HealthController {
  constructor(@Inject(Health) private readonly health: Health) {}

  @Get('livez')
  live(): { readonly status: 'alive' } {
    return { status: 'alive' };
  }

  @Get('readyz')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Readiness> {
    const answer = await this.health.look();
    if (answer.status === 'unready') reply.code(503);
    return answer;
  }
}

/** Serves `/livez` and `/readyz`, and `quittance_dependency_up{dependency}` where there are metrics. */
@Module({})
export class HealthModule {
  static register({ metrics, ...options }: HealthModuleOptions): DynamicModule {
    const health = new Health(options);
    if (metrics) observeDependencies(health, metrics);
    return {
      module: HealthModule,
      controllers: [HealthController],
      providers: [{ provide: Health, useValue: health }],
    };
  }
}

function observeDependencies(health: Health, metrics: Metrics): void {
  metrics.gauge({
    name: 'dependency_up',
    help: 'Whether the process can use a dependency now (1) or not (0), by a check at each scrape.',
    labels: ['dependency'],
    collect: async (gauge) => {
      const { checks } = await health.look();
      for (const [dependency, { status }] of Object.entries(checks))
        gauge.set({ dependency }, status === 'up' ? 1 : 0);
    },
  });
}
