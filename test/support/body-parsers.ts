// The body parsers of an app, read from Fastify itself.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

interface Parsers {
  readonly customParsers: ReadonlyMap<string, unknown>;
}

/**
 * The content types that have a parser, once the app has started; `*` stands for all that have none
 * of their own.
 */
export function bodyParsersOf(app: NestFastifyApplication): string[] {
  const fastify: object = app.getHttpAdapter().getInstance();
  const symbol = Object.getOwnPropertySymbols(fastify).find(
    ({ description }) => description === 'fastify.contentTypeParser',
  );
  if (symbol === undefined) throw new Error('Fastify has its parsers in another place now');
  const { customParsers } = Reflect.get(fastify, symbol) as Parsers;
  return [...customParsers.keys()].map((type) => type || '*');
}
