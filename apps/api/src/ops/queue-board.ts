// The queues as bull-board shows them, in two views: who may only look gets adapters that change
// nothing, so the pages show no buttons that would be refused. Subscribers' queues are changed by
// nobody here: failed events are replayed by `quittance events replay`, which asks for a second
// person where so many need one.
import { Injectable } from '@nestjs/common';
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import type { BullBoardQueues } from '@bull-board/api/typings/app';
import { subscriberQueue } from '@quittance/events';
import { QueueRegistry } from '@quittance/queues';
import { BoardServer } from './board-server.js';

/** The same queues twice. */
export interface QueueViews {
  readonly readOnly: BullBoardQueues;
  readonly changeable: BullBoardQueues;
}

@Injectable()
export class QueueBoard {
  readonly server = new BoardServer();
  readonly #queues: QueueRegistry;
  #names: readonly string[] = [];
  #views: QueueViews = { readOnly: new Map(), changeable: new Map() };

  constructor(queues: QueueRegistry) {
    this.#queues = queues;
    createBullBoard({
      queues: [],
      serverAdapter: this.server,
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

  /** The views of these queues: lanes come and go, so they are named at each request. */
  viewsOf(names: readonly string[]): QueueViews {
    if (names.join() !== this.#names.join()) {
      this.#names = names;
      this.#views = { readOnly: this.#view(true), changeable: this.#view(false) };
    }
    return this.#views;
  }

  #view(readOnlyMode: boolean): BullBoardQueues {
    return new Map(
      this.#names.map((name) => [
        name,
        new BullMQAdapter(this.#queues.get(name), {
          readOnlyMode: readOnlyMode || name.startsWith(subscriberQueue('')),
        }),
      ]),
    );
  }
}
