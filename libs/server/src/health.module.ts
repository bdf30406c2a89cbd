// Answers an orchestrator's two questions: is the process alive (`/livez`), and can it work now
// (`/readyz`)? An unavailable dependency makes a process unready or degraded, never dead: a restart
// would not bring the dependency back.
import {
  Controller,
  type DynamicModule,
  type FactoryProvider,
  Get,
  Module,
  type ModuleMetadata,
  Res,
} from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Metrics, Health, type HealthCheck, type Readiness } from '@quittance/platform';

/**
 * The factory of the checks, and the providers (`inject`) and modules (`imports`) that it needs.
 */
export interface HealthModuleOptions extends Pick<ModuleMetadata, 'imports'> {
  readonly inject?: FactoryProvider['inject'];
  readonly useFactory: FactoryProvider<readonly HealthCheck[]>['useFactory'];
}

@Controller()
class HealthController {
  constructor(private readonly health: Health) {}

  @Get('livez')
  live(): { readonly status: 'alive' } {
    return { status: 'alive' };
  }

  @Get('readyz')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Readiness> {
    const answer = await this.health.check();
    if (answer.status === 'unready') reply.code(503);
    return answer;
  }
}

/**
 * Serves `/livez` and `/readyz`, and adds `quittance_dependency_up{dependency}` to the app's
 * metrics.
 */
@Module({})
export class HealthModule {
  static registerAsync({
    imports = [],
    inject = [],
    useFactory,
  }: HealthModuleOptions): DynamicModule {
    return {
      module: HealthModule,
      imports,
      controllers: [HealthController],
      providers: [
        {
          provide: Health,
          inject: [Metrics, ...inject],
          useFactory: async (metrics: Metrics, ...dependencies: unknown[]) => {
            const health = new Health({ checks: await useFactory(...dependencies) });
            observeDependencies(health, metrics);
            return health;
          },
        },
      ],
    };
  }
}

function observeDependencies(health: Health, metrics: Metrics): void {
  metrics.gauge({
    name: 'dependency_up',
    help: '1 if the process can use the dependency now, otherwise 0; checked at each scrape.',
    labels: ['dependency'],
    collect: async (gauge) => {
      const { checks } = await health.check();
      for (const [dependency, { status }] of Object.entries(checks))
        gauge.set({ dependency }, status === 'up' ? 1 : 0);
    },
  });
}
