// Which parsers an app has for bodies, as Fastify has them and not as anybody says.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

interface Parsers {
  readonly customParsers: ReadonlyMap<string, unknown>;
}

/** The content types that have a parser, once the app has started; `*` stands for all that have none of their own. */
export function bodyParsersOf(app: NestFastifyApplication): string[] {
  const fastify: object = app.getHttpAdapter().getInstance();
  const symbol = Object.getOwnPropertySymbols(fastify).find(
    ({ description }) => description === 'fastify.contentTypeParser',
  );
  if (symbol === undefined) throw new Error('Fastify keeps its parsers elsewhere now');
  const { customParsers } = Reflect.get(fastify, symbol) as Parsers;
  return [...customParsers.keys()].map((type) => type || '*');
}
