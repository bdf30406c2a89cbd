// Answers a method that an address does not support with 405 and `Allow` (RFC 9110 §15.5.6) instead
// of 404. Fastify's router knows only whether a method and a path together have a route.
import type { FastifyInstance } from 'fastify';
import { InvalidRequest } from '@quittance/platform';

/**
 * The methods of every path with routes. Patterns are in Fastify's form: `/orders/:reference` and
 * `/files/*`.
 */
export class AllowedMethods {
  readonly #paths = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>();

  add(path: string, methods: readonly string[]): void {
    const known = this.#paths.get(path) ?? { pattern: patternOf(path), methods: new Set() };
    this.#paths.set(path, known);
    for (const method of methods) known.methods.add(method);
  }

  /**
   * Returns the methods of the routes at the path of `url`, sorted; an empty list if there are
   * none.
   */
  at(url: string): string[] {
    const path = decoded(url.split('?')[0] ?? '');
    if (path === undefined) return [];
    const found = [...this.#paths.values()].filter(({ pattern }) => pattern.test(path));
    return [...new Set(found.flatMap(({ methods }) => [...methods]))].toSorted();
  }
}

/** Answers 405 `method_not_allowed` if the path exists. Call it before the routes are added. */
export function refuseOtherMethods(fastify: FastifyInstance): void {
  const allowed = new AllowedMethods();
  fastify.addHook('onRoute', ({ method, url }) => allowed.add(url, [method].flat()));
  // Runs after the hooks that count and authenticate requests.
  fastify.addHook('preParsing', (request, reply, _payload, done) => {
    const methods = request.is404 ? allowed.at(request.url) : [];
    if (methods.length === 0) return done();
    const list = methods.join(', ');
    reply.header('allow', list);
    const detail = `This address accepts ${list} only.`;
    return done(new InvalidRequest('method_not_allowed', detail, { status: 405 }));
  });
}

function patternOf(path: string): RegExp {
  const segments = path.split('/').map((segment) => {
    if (segment === '*') return '.*';
    return segment.startsWith(':') ? '[^/]+' : segment.replaceAll(/[^\w-]/g, String.raw`\$&`);
  });
  return new RegExp(`^${segments.join('/')}$`);
}

/** Decodes a path but keeps encoded slashes, which separate nothing. */
function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path.replaceAll(/%2f/gi, '%252f'));
  } catch {
    return undefined;
  }
}
