// Two questions an orchestrator asks: is the process alive (`/livez`), and can it do its work now (`/readyz`)?
// A dependency that is away makes a process unready, never dead: killing it would not bring the dependency back.
import {
  Controller,
  type DynamicModule,
  type FactoryProvider,
  Get,
  Inject,
  Module,
  type ModuleMetadata,
  Res,
} from '@nestjs/common';
import type { FastifyReply } from 'fastify';

/** Resolves when a dependency answers. */
export type HealthCheck = () => Promise<unknown>;

/** The checks by the dependency's name, and how long one may take in milliseconds (default 2000). */
export interface HealthOptions {
  readonly checks: Readonly<Record<string, HealthCheck>>;
  readonly timeoutMs?: number;
}

/** The answer of `/readyz`, with 200 or 503. */
export interface Readiness {
  readonly status: 'ready' | 'unready';
  readonly checks: Readonly<Record<string, 'up' | 'down'>>;
}

/** Well below the patience of a probe (Kubernetes: commonly 5 s), so that the answer names what is away. */
const CHECK_TIMEOUT_MS = 2000;

/** Runs all checks at once; one that fails, or takes longer than its limit, counts as down. */
export async function readiness({
  checks,
  timeoutMs = CHECK_TIMEOUT_MS,
}: HealthOptions): Promise<Readiness> {
  const results = await Promise.all(
    Object.entries(checks).map(
      async ([name, check]) => [name, (await answers(check, timeoutMs)) ? 'up' : 'down'] as const,
    ),
  );
  const isReady = results.every(([, result]) => result === 'up');
  return { status: isReady ? 'ready' : 'unready', checks: Object.fromEntries(results) };
}

async function answers(check: HealthCheck, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  const answered = Promise.resolve()
    .then(check)
    .then(
      () => true,
      () => false,
    );
  try {
    return await Promise.race([answered, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

const HEALTH_OPTIONS = Symbol('health options');

@Controller()
class HealthController {
  constructor(@Inject(HEALTH_OPTIONS) private readonly options: HealthOptions) {}

  @Get('livez')
  live(): { readonly status: 'alive' } {
    return { status: 'alive' };
  }

  @Get('readyz')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Readiness> {
    const answer = await readiness(this.options);
    if (answer.status === 'unready') reply.code(503);
    return answer;
  }
}

/** Serves `/livez` and `/readyz`. */
@Module({})
export class HealthModule {
  static register(options: HealthOptions): DynamicModule {
    return {
      module: HealthModule,
      controllers: [HealthController],
      providers: [{ provide: HEALTH_OPTIONS, useValue: options }],
    };
  }

  /** As {@link register}, for checks that need injected values: a pool, a connection. */
  static registerAsync(
    source: Pick<FactoryProvider<HealthOptions>, 'inject' | 'useFactory'> &
      Pick<ModuleMetadata, 'imports'>,
  ): DynamicModule {
    return {
      module: HealthModule,
      controllers: [HealthController],
      imports: source.imports ?? [],
      providers: [
        {
          provide: HEALTH_OPTIONS,
          useFactory: source.useFactory,
          inject: source.inject ?? [],
        },
      ],
    };
  }
}
