// bull-board with two views of the same queues: who may only look gets adapters that change nothing, so the pages show
// no buttons that would be refused.
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import type { QueueRegistry } from '@quittance/queues';

type Routes = Parameters<FastifyAdapter['setApiRoutes']>[0];
type Views = Map<string, BullMQAdapter>;

/** Requests are told apart by their headers: the one thing of theirs that bull-board hands on as it is. */
class TwoViewAdapter extends FastifyAdapter {
  readonly changers = new WeakSet<object>();
  changeable: Views = new Map();

  override setApiRoutes(routes: Routes): FastifyAdapter {
    const wrapped = routes.map((route) => ({
      ...route,
      handler: (request?: Parameters<typeof route.handler>[0]) =>
        route.handler(
          request && this.changers.has(request.headers)
            ? { ...request, queues: this.changeable }
            : request,
        ),
    }));
    return super.setApiRoutes(wrapped);
  }
}

export class QueueBoard {
  readonly #queues: QueueRegistry;
  readonly #adapter = new TwoViewAdapter();
  readonly #board: ReturnType<typeof createBullBoard>;
  #names: readonly string[] = [];

  constructor(queues: QueueRegistry) {
    this.#queues = queues;
    this.#board = createBullBoard({
      queues: [],
      serverAdapter: this.#adapter,
      options: {
        uiConfig: {
          boardTitle: 'Quittance queues',
          hideDocsLink: true,
          sortQueues: true,
          pollingInterval: { showSetting: true },
        },
      },
    });
  }

  /** The pages, as a plugin to be registered under `prefix`. */
  plugin(prefix: string) {
    return this.#adapter.setBasePath(prefix).registerPlugin();
  }

  /** Lanes come and go: shows exactly these queues from now on. */
  show(names: readonly string[]): void {
    if (names.length === this.#names.length && names.every((name) => this.#names.includes(name))) {
      return;
    }
    this.#names = names;
    this.#board.replaceQueues(names.map((name) => this.#view(name, true)));
    this.#adapter.changeable = new Map(names.map((name) => [name, this.#view(name, false)]));
  }

  /** The request with these headers may change things. */
  allowChanges(headers: object): void {
    this.#adapter.changers.add(headers);
  }

  #view(name: string, readOnlyMode: boolean): BullMQAdapter {
    return new BullMQAdapter(this.#queues.get(name), { readOnlyMode });
  }
}
