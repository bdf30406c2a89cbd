// Serves the queues and their failed jobs, and retries or discards the jobs that match a filter.
import { Body, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { QueueNames } from '@quittance/modules';
import { changeFailedJobs, type FailedQueue } from '@quittance/operations';
import { InvalidRequest } from '@quittance/platform';
import { FailedSet, INTENTS_QUEUE, QueueRegistry, type QueueState } from '@quittance/queues';
import { z } from 'zod';
import { limitQuery } from '../../paging.js';
import { ActingOperators, storedText } from '../actions/acting-operators.js';
import { QueueReadings, subscriberOf } from '../health/queue-readings.js';
import type { OpsCaller } from '../sign-in/ops-caller.js';
import { CurrentOperator, OpsRoute } from '../sign-in/ops.guard.js';

const REASON_LENGTH_MAX = 200;
const count = z.int().min(0);

export const queueListSchema = z
  .object({
    data: z
      .array(
        z.object({
          name: z.string(),
          waiting: count,
          delayed: count,
          active: count,
          failed: count,
          is_paused: z.boolean(),
          workers: count,
          oldest_seconds: z.number(),
        }),
      )
      .nullable()
      .meta({ description: 'Null while Redis is unavailable.' }),
  })
  .meta({ description: 'All queues.' });

export const failedJobsQuery = z.strictObject({
  reason: z
    .string()
    .max(REASON_LENGTH_MAX)
    .optional()
    .meta({ description: 'Only jobs that failed for this reason, as `reasons` has it.' }),
  limit: limitQuery,
});

export const failedJobsSchema = z
  .object({
    total: count.meta({ description: 'Failed jobs of the queue.' }),
    matches: count.meta({ description: 'Those that match the filter: the count to confirm.' }),
    until: z.iso.datetime().nullable().meta({
      description: 'The newest failure that matches; a retry or discard goes no further.',
    }),
    reasons: z.array(z.object({ reason: z.string(), count })),
    data: z
      .array(
        z.object({
          id: z.string().nullable(),
          name: z.string().nullable(),
          failed_at: z.iso.datetime(),
          attempts: count,
          reason: z.string(),
          subjects: z
            .array(z.string())
            .meta({ description: 'The payments, refunds and events in the job.' }),
        }),
      )
      .meta({ description: 'Those that match, oldest first.' }),
  })
  .meta({ description: 'Failed jobs of a queue, by reason.' });

export const changeFailedSchema = z
  .strictObject({
    reason: failedJobsQuery.shape.reason,
    count: count.meta({ description: 'The `matches` that was read with the same reason.' }),
    until: z.iso.datetime().meta({ description: 'The `until` that was read with it.' }),
    why: storedText.optional(),
  })
  .meta({ description: 'The failed jobs to change, as they were counted.' });

export const changedJobsSchema = z
  .object({
    changed: count.meta({ description: 'Fewer than counted if some left the failed set.' }),
    done: z.string(),
  })
  .meta({ description: 'The result of a retry or a discard.' });

type ChangeFailed = z.infer<typeof changeFailedSchema>;
type ChangedJobs = z.infer<typeof changedJobsSchema>;

@OpsRoute('/queues')
export class OpsQueuesController {
  constructor(
    private readonly readings: QueueReadings,
    private readonly names: QueueNames,
    private readonly queues: QueueRegistry,
    private readonly operators: ActingOperators,
  ) {}

  @Get()
  async list(): Promise<{ data: readonly QueueState[] | null }> {
    return { data: await this.readings.read() };
  }

  @Get(':queue/failed')
  async failed(
    @Param('queue') name: string,
    @Query({ schema: failedJobsQuery }) { reason, limit }: z.infer<typeof failedJobsQuery>,
  ): Promise<z.infer<typeof failedJobsSchema>> {
    const set = await this.#failedSet(name);
    const { reasons, data, ...counts } = await set.read(reason, limit);
    const jobs = data.map(({ subjects, ...job }) => ({ ...job, subjects: [...subjects] }));
    return { ...counts, reasons: [...reasons], data: jobs };
  }

  @Post(':queue/failed/retry')
  @HttpCode(200)
  async retry(
    @Param('queue') name: string,
    @Body({ schema: changeFailedSchema }) body: ChangeFailed,
    @CurrentOperator() caller: OpsCaller,
  ): Promise<ChangedJobs> {
    const changed = await this.#change(name, 'retry', { body, caller });
    return { changed, done: `${changed} jobs are back on ${name}.` };
  }

  @Post(':queue/failed/discard')
  @HttpCode(200)
  async discard(
    @Param('queue') name: string,
    @Body({ schema: changeFailedSchema }) body: ChangeFailed,
    @CurrentOperator() caller: OpsCaller,
  ): Promise<ChangedJobs> {
    const changed = await this.#change(name, 'discard', { body, caller });
    return { changed, done: `${changed} jobs of ${name} are discarded.` };
  }

  async #change(
    name: string,
    action: 'retry' | 'discard',
    { body, caller }: { readonly body: ChangeFailed; readonly caller: OpsCaller },
  ): Promise<number> {
    const { reason, count: counted, until, why } = body;
    const queue: FailedQueue = { name, holds: holdsOf(name), failed: await this.#failedSet(name) };
    const confirmed = { action, reason, count: counted, until: new Date(until) };
    return changeFailedJobs(this.operators.of(caller, why), queue, confirmed);
  }

  async #failedSet(name: string): Promise<FailedSet> {
    if (!(await this.names.list()).includes(name))
      throw InvalidRequest.notFound('There is no queue with this name.');
    await this.operators.requireRedis();
    return new FailedSet(this.queues.get(name));
  }
}

function holdsOf(queue: string): FailedQueue['holds'] {
  if (queue === INTENTS_QUEUE) return 'published';
  return subscriberOf(queue) === undefined ? 'jobs' : 'events';
}
