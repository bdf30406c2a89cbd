// Serves the subscribers of events, their failed entries, and the replay.
import { Body, Get, HttpCode, Post, Query } from '@nestjs/common';
import { replayEvents, subscribersOf } from '@quittance/operations';
import { z } from 'zod';
import { limitQuery } from '../../paging.js';
import { ActingOperators, storedText } from '../actions/acting-operators.js';
import { QueueReadings, subscriberOf } from '../health/queue-readings.js';
import type { OpsCaller } from '../sign-in/ops-caller.js';
import { CurrentOperator, OpsRoute } from '../sign-in/ops.guard.js';
import { failedEntries, type FailedEntry, failedEntrySchema } from './failed-entries.js';

const NAME_LENGTH_MAX = 100;
const ID_LENGTH_MAX = 200;

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
    subscriber: z.string().max(NAME_LENGTH_MAX).optional(),
    why: storedText.optional(),
  })
  .refine(({ id, all }) => (id === undefined) === (all === true), {
    message: 'Give either id or all.',
    params: { code: 'required' },
  })
  .meta({ description: 'The failed entries to replay.' });

export const replayedSchema = z
  .object({
    replayed: z.int().meta({ description: 'Entries that are back on the queue.' }),
    done: z.string(),
  })
  .meta({ description: 'The result of a replay.' });

@OpsRoute('/events')
export class OpsEventsController {
  constructor(
    private readonly queues: QueueReadings,
    private readonly operators: ActingOperators,
  ) {}

  @Get('subscribers')
  async subscribers(): Promise<z.infer<typeof subscribersSchema>> {
    const queues = await this.queues.read();
    if (!queues) return { data: null };
    const data = queues.flatMap(
      ({ name: queue, waiting, failed, workers, oldest_seconds: lag }) => {
        const name = subscriberOf(queue);
        return name === undefined
          ? []
          : [{ name, waiting, lag_seconds: lag, failed, processes: workers }];
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

  @Post('replay')
  @HttpCode(200)
  async replay(
    @Body({ schema: replaySchema }) { id, subscriber, why }: z.infer<typeof replaySchema>,
    @CurrentOperator() caller: OpsCaller,
  ): Promise<z.infer<typeof replayedSchema>> {
    const operator = this.operators.of(caller, why);
    const [, named, jobId] = /^([^/]+)\/(.+)$/.exec(id ?? '') ?? [];
    const subscribers = subscribersOf(operator, named ?? subscriber);
    const selection = { subscribers, id: jobId ?? id ?? null };
    const { replayed, proposed } = await replayEvents(operator, selection, id);
    const entries = replayed === 1 ? 'entry is' : 'entries are';
    return { replayed, done: proposed ?? `${replayed} ${entries} back on the queue.` };
  }
}
