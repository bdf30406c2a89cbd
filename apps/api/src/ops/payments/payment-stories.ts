// Builds the story of a payment for the API: the facts of the CLI, and the deliveries that failed.
import { Injectable } from '@nestjs/common';
import { EventSettings } from '@quittance/modules';
import { eventId } from '@quittance/events';
import { loadStory, OperatorError, storyFacts } from '@quittance/operations';
import { PrismaService } from '@quittance/persistence';
import { Clock, idPattern, InvalidRequest, within } from '@quittance/platform';
import { Pool } from 'pg';
import { ActingOperators } from '../actions/acting-operators.js';
import { failedEntries } from '../events/failed-entries.js';
import type { StoryView } from './story.schema.js';

const ID = idPattern('pi');
/** Failed sets are short; a long one has one cause. */
const FAILED_MAX = 200;
const REDIS_WITHIN_MS = 1_000;

@Injectable()
export class PaymentStories {
  constructor(
    private readonly prisma: PrismaService,
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly events: EventSettings,
    private readonly operators: ActingOperators,
  ) {}

  /** Throws `not_found` unless there is a payment with this id. */
  async read(id: string): Promise<StoryView> {
    const { prisma, pool, clock } = this;
    if (!ID.test(id)) throw NONE;
    const story = await loadStory({ prisma, pool, clock }, id).catch((error: unknown) => {
      throw error instanceof OperatorError ? NONE : error;
    });
    const { transitions, ...facts } = storyFacts(story);
    const view = {
      ...facts,
      transitions: transitions.map((move) => ({ ...move, event: eventId(id, move.sequence) })),
      failed_deliveries: await this.#failedDeliveries(id),
    };
    // Dates become texts, as in the response.
    return JSON.parse(JSON.stringify(view)) as StoryView;
  }

  async #failedDeliveries(id: string): Promise<StoryView['failed_deliveries']> {
    const start = eventId(id, 1).replace(/1$/, '');
    try {
      const entries = await within(
        REDIS_WITHIN_MS,
        this.operators.withFailedSets((sets) =>
          failedEntries(sets, this.events.subscribers, FAILED_MAX),
        ),
      );
      return entries.filter(({ events }) => events.some((event) => event.startsWith(start)));
    } catch {
      return null;
    }
  }
}

const NONE = InvalidRequest.notFound('There is no payment with this id.');
