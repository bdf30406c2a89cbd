// Serves the subscribers of events, their failed entries, and the replay.
import { Body, Get, HttpCode, Post, Query } from '@nestjs/common';
import {
  COUNTED_EVENTS_MAX,
  countSpan,
  replayEvents,
  replaySpan,
  subscribersOf,
} from '@quittance/operations';
import { EventReplays, listEventReplays, PrismaService } from '@quittance/persistence';
import { Clock } from '@quittance/platform';
import { z } from 'zod';
import { limitQuery } from '../../paging.js';
import { ActingOperators, storedText } from '../actions/acting-operators.js';
import { QueueReadings, subscriberOf } from '../health/queue-readings.js';
import type { OpsCaller } from '../sign-in/ops-caller.js';
import { CurrentOperator, OpsRoute } from '../sign-in/ops.guard.js';
import { failedEntries, type FailedEntry, failedEntrySchema } from './failed-entries.js';

const NAME_LENGTH_MAX = 100;
const ID_LENGTH_MAX = 200;
const TIME_LENGTH_MAX = 64;
const REPLAYS_LISTED = 20;

const from = z.string().min(1).max(TIME_LENGTH_MAX).meta({
  description: 'A time (`2027-01-31T12:00:00Z`), or the id of an event, which is included.',
});
const until = z
  .string()
  .max(TIME_LENGTH_MAX)
  .optional()
  .meta({ description: 'The events before this time; by default those until now.' });

export const subscribersSchema = z
  .object({
    data: z
      .array(
        z.object({
          name: z.string(),
          waiting: z.int().meta({ description: 'Batches of events that wait.' }),
          lag_seconds: z
            .number()
            .meta({ description: 'Age of the oldest one; 0 when none waits.' }),
          retrying: z.int().meta({ description: 'Batches that wait for another attempt.' }),
          failed: z.int().meta({ description: 'Entries that wait for a replay.' }),
          processes: z.int().meta({ description: 'Connected processes of the subscriber.' }),
        }),
      )
      .nullable()
      .meta({ description: 'Null while Redis is unavailable.' }),
  })
  .meta({ description: 'The subscribers of events.' });

export const failedQuery = z.strictObject({
  subscriber: z
    .string()
    .max(NAME_LENGTH_MAX)
    .optional()
    .meta({ description: 'Only this subscriber.' }),
  limit: limitQuery,
});

export const failedListSchema = z
  .object({ data: z.array(failedEntrySchema) })
  .meta({ description: 'Failed entries of each subscriber, oldest first.' });

export const replaySchema = z
  .strictObject({
    id: z.string().min(1).max(ID_LENGTH_MAX).optional().meta({
      description: 'One entry (`orders/12`), or the entries with one event (`evt_…`).',
    }),
    all: z.literal(true).optional().meta({ description: 'Every failed entry, instead of `id`.' }),
    from: from.optional().meta({
      description:
        'Every event from this time or event on, whether it failed or not, instead of `id`.',
    }),
    until,
    subscriber: z.string().max(NAME_LENGTH_MAX).optional(),
    why: storedText.optional(),
  })
  .refine(
    (body) => [body.id, body.all, body.from].filter((one) => one !== undefined).length === 1,
    { message: 'Give either id, all or from.', params: { code: 'required' } },
  )
  .refine((body) => body.until === undefined || body.from !== undefined, {
    message: 'until belongs to from.',
    path: ['until'],
    params: { code: 'unexpected' },
  })
  .meta({ description: 'The failed entries, or the time, to replay.' });

export const countQuery = z.strictObject({ from, until });

export const eventCountSchema = z
  .object({
    events: z.int().meta({ description: `Their number, ${COUNTED_EVENTS_MAX} at most.` }),
    is_more: z.boolean().meta({ description: 'True if there are more.' }),
    from: z.iso.datetime(),
    until: z.iso.datetime(),
  })
  .meta({ description: 'The events that a replay of this time would publish.' });

export const replayListSchema = z
  .object({
    data: z.array(
      z.object({
        id: z.string(),
        subscriber: z.string().nullable().meta({ description: 'Null for every subscriber.' }),
        from: z.iso.datetime(),
        until: z.iso.datetime(),
        events: z.int().meta({ description: 'Published so far.' }),
        reached_at: z.iso.datetime().meta({ description: 'The time that the walk has reached.' }),
        requested_by: z.string(),
        requested_at: z.iso.datetime(),
        ended_at: z.iso.datetime().nullable(),
      }),
    ),
  })
  .meta({ description: 'Replays of a time, newest first.' });

export const replayedSchema = z
  .object({
    replayed: z.int().meta({ description: 'Failed entries, or events of the time.' }),
    done: z.string(),
  })
  .meta({ description: 'The result of a replay.' });

@OpsRoute('/events')
export class OpsEventsController {
  constructor(
    private readonly queues: QueueReadings,
    private readonly operators: ActingOperators,
    private readonly replays: EventReplays,
    private readonly prisma: PrismaService,
    private readonly clock: Clock,
  ) {}

  @Get('subscribers')
  async subscribers(): Promise<z.infer<typeof subscribersSchema>> {
    const queues = await this.queues.read();
    if (!queues) return { data: null };
    const data = queues.flatMap(
      ({ name: queue, waiting, delayed, failed, workers, oldest_seconds: lag }) => {
        const name = subscriberOf(queue);
        return name === undefined
          ? []
          : [{ name, waiting, lag_seconds: lag, retrying: delayed, failed, processes: workers }];
      },
    );
    return { data };
  }

  @Get('failed')
  async failed(
    @Query({ schema: failedQuery }) { subscriber, limit }: z.infer<typeof failedQuery>,
    @CurrentOperator() caller: OpsCaller,
  ): Promise<{ data: FailedEntry[] }> {
    const chosen = subscribersOf(this.operators.of(caller), subscriber);
    const read = this.operators.withFailedSets((sets) => failedEntries(sets, chosen, limit));
    return { data: await read };
  }

  /** The dry run of a replay. */
  @Get('count')
  async count(
    @Query({ schema: countQuery }) wanted: z.infer<typeof countQuery>,
  ): Promise<z.infer<typeof eventCountSchema>> {
    const span = await countSpan(this.replays, wanted, this.clock.now());
    return {
      events: span.events,
      is_more: span.events === COUNTED_EVENTS_MAX,
      from: span.from.toISOString(),
      until: span.until.toISOString(),
    };
  }

  @Get('replays')
  async listReplays(): Promise<z.infer<typeof replayListSchema>> {
    const found = await listEventReplays(this.prisma, REPLAYS_LISTED);
    const data = found.map((row) => ({
      id: row.id,
      subscriber: row.subscriber,
      from: row.fromAt.toISOString(),
      until: row.untilAt.toISOString(),
      events: Number(row.replayed),
      reached_at: row.reachedAt.toISOString(),
      requested_by: row.requestedBy,
      requested_at: row.requestedAt.toISOString(),
      ended_at: row.endedAt?.toISOString() ?? null,
    }));
    return { data };
  }

  @Post('replay')
  @HttpCode(200)
  async replay(
    @Body({ schema: replaySchema }) body: z.infer<typeof replaySchema>,
    @CurrentOperator() caller: OpsCaller,
  ): Promise<z.infer<typeof replayedSchema>> {
    const { id, subscriber, why } = body;
    const operator = this.operators.of(caller, why);
    const [, named, jobId] = /^([^/]+)\/(.+)$/.exec(id ?? '') ?? [];
    const subscribers = subscribersOf(operator, named ?? subscriber);
    if (body.from !== undefined) {
      const wanted = { from: body.from, until: body.until };
      const span = await countSpan(this.replays, wanted, this.clock.now());
      const { events, done, proposed } = await replaySpan(operator, subscriber ?? null, span);
      return { replayed: proposed === undefined ? events : 0, done };
    }
    const selection = { subscribers, id: jobId ?? id ?? null };
    const { replayed, proposed } = await replayEvents(operator, selection, id);
    const entries = replayed === 1 ? 'entry is' : 'entries are';
    return { replayed, done: proposed ?? `${replayed} ${entries} back on the queue.` };
  }
}
