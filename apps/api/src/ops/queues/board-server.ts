// Serves bull-board's pages from our own server. Its adapter for Fastify serves one set of queues
// to all callers and loads fonts from other hosts. This one lets each request choose its queues,
// and serves everything itself.
import type {
  AppControllerRoute,
  AppViewRoute,
  BullBoardQueues,
  IServerAdapter,
  UIConfig,
} from '@bull-board/api/typings/app';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { sendFile, staticFile } from '../../static-file.js';

type ErrorAnswer = Parameters<IServerAdapter['setErrorHandler']>[0];

/** bull-board's file names contain a digest of the content. */
const FOR_EVER = 'private, max-age=31536000, immutable';

export class BoardServer implements IServerAdapter {
  #viewsPath = '';
  #statics: ReadonlyMap<string, string> = new Map();
  #staticRoute = '';
  #entry: AppViewRoute | undefined;
  #apiRoutes: readonly AppControllerRoute[] = [];
  #answerError: ErrorAnswer = () => ({ status: 500, body: '' });
  #uiConfig: UIConfig = {};

  /** Unused: each request chooses its own queues, see {@link mount}. */
  setQueues(): this {
    return this;
  }

  setViewsPath(path: string): this {
    this.#viewsPath = path;
    return this;
  }

  setStaticPath(route: string, folder: string): this {
    this.#staticRoute = route;
    const files = readdirSync(folder, { recursive: true, withFileTypes: true });
    this.#statics = new Map(
      files
        .filter((file) => file.isFile())
        .map((file) => join(file.parentPath, file.name))
        .map((path) => [path.slice(folder.length + 1).replaceAll(sep, '/'), path]),
    );
    return this;
  }

  setEntryRoute(route: AppViewRoute): this {
    this.#entry = route;
    return this;
  }

  setErrorHandler(handler: ErrorAnswer): this {
    this.#answerError = handler;
    return this;
  }

  setApiRoutes(routes: AppControllerRoute[]): this {
    this.#apiRoutes = routes;
    return this;
  }

  setUIConfig(config: UIConfig): this {
    this.#uiConfig = config;
    return this;
  }

  /** Adds the pages below `basePath`. `queuesFor` returns the queues that a request may see. */
  mount(
    fastify: FastifyInstance,
    basePath: string,
    queuesFor: (request: FastifyRequest) => BullBoardQueues,
  ): void {
    fastify.get(`${basePath}${this.#staticRoute}/*`, (request, reply) =>
      this.#sendStatic(request, reply),
    );
    const pages = [this.#entry?.route ?? []].flat().map((route) => joined(basePath, route));
    for (const path of [...pages, `${basePath}/`]) {
      fastify.get(path, (_request, reply) => this.#sendPage(basePath, reply));
    }
    for (const definition of this.#apiRoutes) {
      const methods = [definition.method].flat().map((name) => name.toUpperCase());
      for (const path of [definition.route].flat()) {
        fastify.route({
          method: methods,
          url: joined(basePath, path),
          handler: (request, reply) => this.#answer(definition, request, reply, queuesFor(request)),
        });
      }
    }
  }

  async #answer(
    route: AppControllerRoute,
    request: FastifyRequest,
    reply: FastifyReply,
    queues: BullBoardQueues,
  ): Promise<FastifyReply> {
    const { params, query, body, headers } = request as BoardRequest;
    try {
      const input = { queues, uiConfig: this.#uiConfig, params, query, body, headers };
      const answer = await route.handler(input);
      return await reply.code(answer.status ?? 200).send(answer.body);
    } catch (error) {
      const answer = this.#answerError(error instanceof Error ? error : new Error('failed'));
      return reply.code(answer.status ?? 500).send(answer.body);
    }
  }

  async #sendStatic(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const path = this.#statics.get((request.params as { '*': string })['*']);
    if (path === undefined) return reply.code(404).send();
    return sendFile(await staticFile(path), request, reply.header('cache-control', FOR_EVER));
  }

  async #sendPage(basePath: string, reply: FastifyReply): Promise<FastifyReply> {
    const view = this.#entry?.handler({ basePath, uiConfig: this.#uiConfig });
    if (!view) return reply.code(404).send();
    const template = await readFile(join(this.#viewsPath, view.name), 'utf8');
    const page = fillTemplate(withoutForeignFonts(template), view.params);
    return reply.header('content-type', 'text/html; charset=utf-8').send(page);
  }
}

interface BoardRequest {
  readonly params: Record<string, unknown>;
  readonly query: Record<string, unknown>;
  readonly body: Record<string, unknown>;
  readonly headers: Record<string, string | undefined>;
}

function joined(basePath: string, route: string): string {
  return route === '/' ? basePath : `${basePath}${route}`;
}

/** Fills the two forms of EJS that the page uses: `<%= escaped %>` and `<%- unescaped %>`. */
function fillTemplate(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/<%([=-])\s*(\w+)\s*%>/g, (_tag, kind: string, name: string) => {
    const value = values[name] ?? '';
    return kind === '=' ? escapeHtml(value) : value;
  });
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function withoutForeignFonts(template: string): string {
  return template.replaceAll(/<link href="https:[^>]*>/g, '');
}
