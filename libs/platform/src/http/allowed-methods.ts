// Which methods an address takes, so that another one is answered 405 with `Allow` (RFC 9110
// §15.5.6) and not as if there were nothing. Fastify's router knows only whether a method and a
// path have a route together.
import type { FastifyInstance } from 'fastify';
import { InvalidRequest } from '../faults.js';

/**
 * The methods of every path that has routes; patterns as Fastify writes them, `/orders/:reference`
 * and `/files/*`.
 */
export class AllowedMethods {
  readonly #paths = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>();

  add(path: string, methods: readonly string[]): void {
    const known = this.#paths.get(path) ?? { pattern: patternOf(path), methods: new Set() };
    this.#paths.set(path, known);
    for (const method of methods) known.methods.add(method);
  }

  /** The methods that the path of `url` has routes for, in order; none where there is nothing. */
  at(url: string): string[] {
    const path = decoded(url.split('?')[0] ?? '');
    if (path === undefined) return [];
    const found = [...this.#paths.values()].filter(({ pattern }) => pattern.test(path));
    return [...new Set(found.flatMap(({ methods }) => [...methods]))].toSorted();
  }
}

/** Answers 405 `method_not_allowed` where the path exists. Add it before the routes. */
export function refuseOtherMethods(fastify: FastifyInstance): void {
  const allowed = new AllowedMethods();
  fastify.addHook('onRoute', ({ method, url }) => allowed.add(url, [method].flat()));
  // After the hooks that count requests and ask who is calling.
  fastify.addHook('preParsing', (request, reply, _payload, done) => {
    const methods = request.is404 ? allowed.at(request.url) : [];
    if (methods.length === 0) return done();
    const list = methods.join(', ');
    reply.header('allow', list);
    const detail = `This address takes ${list} only.`;
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

/** Slashes stay as they are written: an encoded one separates nothing. */
function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path.replaceAll(/%2f/gi, '%252f'));
  } catch {
    return undefined;
  }
}
