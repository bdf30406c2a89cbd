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
import { TookTooLong, within } from './within.js';

/**
 * Resolves when a dependency can be used; with a {@link CheckNote} when there is something to be known about it all the same. Rejects
 * otherwise, with {@link NotReady} when it knows why.
 */
export type HealthCheck = () => Promise<unknown>;

/** Why a dependency cannot be used. `reason` is shown to everybody who asks `/readyz`. */
export class NotReady extends Error {
  override readonly name = 'NotReady';

  constructor(
    readonly reason: string,
    options?: { readonly cause?: unknown },
  ) {
    super(reason, options);
  }
}

/** Something about a dependency that can be used. The text is shown to everybody who asks `/readyz`. */
export class CheckNote {
  constructor(readonly text: string) {}
}

/** The checks by the dependency's name, and how long one may take in milliseconds (default 2000). */
export interface HealthOptions {
  readonly checks: Readonly<Record<string, HealthCheck>>;
  readonly timeoutMs?: number;
}

/** The answer of `/readyz`, with 200 or 503. */
export interface Readiness {
  readonly status: 'ready' | 'unready';
  readonly checks: Readonly<Record<string, 'up' | 'down'>>;
  /** Why a dependency is down, or what else is to be known about it, by its name; absent where there is nothing to say. */
  readonly notes?: Readonly<Record<string, string>>;
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
      async ([name, check]) => [name, await resultOf(check, timeoutMs)] as const,
    ),
  );
  const noted = results.flatMap(([name, { note }]) => (note === undefined ? [] : [[name, note]]));
  return {
    status: results.every(([, { isUp }]) => isUp) ? 'ready' : 'unready',
    checks: Object.fromEntries(results.map(([name, { isUp }]) => [name, isUp ? 'up' : 'down'])),
    ...(noted.length > 0 && { notes: Object.fromEntries(noted) as Record<string, string> }),
  };
}

interface Result {
  readonly isUp: boolean;
  readonly note?: string;
}

async function resultOf(check: HealthCheck, timeoutMs: number): Promise<Result> {
  try {
    const answer = await within(timeoutMs, Promise.resolve().then(check));
    return { isUp: true, ...(answer instanceof CheckNote && { note: answer.text }) };
  } catch (error) {
    if (error instanceof NotReady) return { isUp: false, note: error.reason };
    if (error instanceof TookTooLong) return { isUp: false, note: 'it does not answer' };
    return { isUp: false };
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
