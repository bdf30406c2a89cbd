// Provides a process's settings to Nest. `main.ts` reads them before Nest starts: a process with
// invalid settings lists all of them on stderr and exits with EX_CONFIG before it opens anything.
import { type DynamicModule, Module } from '@nestjs/common';
import type { ConfigDefinition, ConfigOf, ConfigShape } from '@quittance/platform';

/** The name of the app that this process runs. */
export class AppName {
  constructor(readonly value: string) {}
}

/** Provides {@link AppName}, and each section that is a class under its class, to every module. */
@Module({})
export class ConfigModule {
  static forRoot<S extends ConfigShape>(
    app: string,
    { shape }: ConfigDefinition<S>,
    config: ConfigOf<S>,
  ): DynamicModule {
    const sections = Object.entries(shape).flatMap(([name, section]) =>
      typeof section === 'function' ? [{ provide: section, useValue: config[name] }] : [],
    );
    const providers = [{ provide: AppName, useValue: new AppName(app) }, ...sections];
    return { module: ConfigModule, global: true, providers, exports: providers };
  }
}
