// The queues for bull-board, in two views. Read-only callers get adapters that change nothing, so
// the pages show no buttons that would be refused. The queues of subscribers are read-only for all
// callers: `quittance events replay` replays failed events, and requires a second person for many.
// So is the queue of published payments, whose data is the publishers' and is not shown.
import { Injectable } from '@nestjs/common';
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import type { BullBoardQueues } from '@bull-board/api/typings/app';
import { subscriberQueue } from '@quittance/events';
import { INTENTS_QUEUE, QueueRegistry } from '@quittance/queues';
import { CREATE_JOB } from '../../publishing/published-job.js';
import { BoardServer } from './board-server.js';

/** Each poll of an open page reads every queue from Redis. */
const POLL_SECONDS = 10;

/** The same queues as two views. */
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
          pollingInterval: { showSetting: false, forceInterval: POLL_SECONDS },
        },
      },
    });
  }

  /**
   * Returns the views of these queues. The caller names them for each request, because lanes come
   * and go.
   */
  viewsOf(names: readonly string[]): QueueViews {
    if (names.join() !== this.#names.join()) {
      this.#names = names;
      this.#views = { readOnly: this.#view(true), changeable: this.#view(false) };
    }
    return this.#views;
  }

  #view(readOnlyMode: boolean): BullBoardQueues {
    return new Map(this.#names.map((name) => [name, this.#adapter(name, readOnlyMode)]));
  }

  #adapter(name: string, readOnlyMode: boolean): BullMQAdapter {
    const isPublished = name === INTENTS_QUEUE;
    const adapter = new BullMQAdapter(this.#queues.get(name), {
      readOnlyMode: readOnlyMode || isPublished || name.startsWith(subscriberQueue('')),
    });
    if (isPublished) hidePublished(adapter);
    return adapter;
  }
}

/** Hides what publishers chose, and the payments that their jobs returned. */
function hidePublished(adapter: BullMQAdapter): void {
  adapter.setFormatter('name', ({ name }: { name?: string }) => (name === CREATE_JOB ? name : '…'));
  for (const field of ['data', 'progress', 'returnValue'] as const) {
    adapter.setFormatter(field, () => '…');
  }
}
