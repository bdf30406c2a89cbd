// Serves the lanes with what holds each back, and the actions on them.
import { Body, Get, HttpCode, Param, Patch, Post } from '@nestjs/common';
import {
  HELD_BY,
  type LaneState,
  loadLanes,
  pauseLane,
  resumeLane,
  setLane,
} from '@quittance/operations';
import { Lanes } from '@quittance/persistence';
import { Clock, InvalidRequest } from '@quittance/platform';
import { Pool } from 'pg';
import { z } from 'zod';
import { ActingOperators, reasonSchema, storedText } from '../actions/acting-operators.js';
import { QueueReadings } from '../health/queue-readings.js';
import type { OpsCaller } from '../sign-in/ops-caller.js';
import { CurrentOperator, OpsRoute } from '../sign-in/ops.guard.js';

/** The limit of the database. */
const LIMIT_MAX = 10_000;

const limit = z.int().min(1).max(LIMIT_MAX).nullable();
const count = z.int().min(0);
const seconds = z.number().min(0);

const laneSchema = z.object({
  name: z.string(),
  terminals: count,
  concurrency: limit.meta({ description: 'Most submissions in flight; null without a limit.' }),
  rate_per_second: limit.meta({
    description: 'Most submissions that start in a second; null without a limit.',
  }),
  pause: z
    .object({ at: z.iso.datetime(), by: z.string(), reason: z.string() })
    .nullable()
    .meta({ description: 'Null while the lane is not paused.' }),
  workers: count.meta({ description: 'Workers that serve it now.' }),
  in_flight: count,
  places: count.meta({ description: 'Most submissions in flight, of all its workers.' }),
  open_breakers: z
    .array(z.string())
    .meta({ description: 'Terminals whose gateway does not respond, as `merchant/terminal`.' }),
  jobs: z
    .object({ waiting: count, delayed: count, active: count, failed: count })
    .nullable()
    .meta({ description: 'Its queue in Redis; null while Redis is unavailable.' }),
  oldest_seconds: seconds
    .nullable()
    .meta({ description: 'Age of the oldest queued payment; null when none is queued.' }),
  sent_per_second: seconds.meta({ description: 'First attempts, over the last minute.' }),
  wait_p95_seconds: seconds.nullable().meta({
    description: 'From acceptance to the first attempt, over the last minute; null without one.',
  }),
  drain_seconds: seconds.nullable().meta({
    description: 'Time until its jobs are done at this pace; null when none is done.',
  }),
  held_back: z
    .object({
      by: z.enum(HELD_BY),
      grade: z.enum(['good', 'attention', 'bad', 'unknown']),
      sentence: z.string(),
      next_step: z.string().nullable(),
    })
    .meta({ description: 'The reason for which its payments wait.' }),
});

export const laneListSchema = z
  .object({ data: z.array(laneSchema) })
  .meta({ description: 'The lanes, sorted by name.' });

export const pauseLaneSchema = z
  .strictObject({
    reason: storedText.meta({ description: 'The reason, for later readers; without card data.' }),
    why: storedText.optional(),
  })
  .meta({ description: 'The pause of a lane.' });

export const setLaneSchema = z
  .strictObject({
    concurrency: limit.optional(),
    rate_per_second: limit.optional(),
    why: storedText.optional(),
  })
  .refine((body) => body.concurrency !== undefined || body.rate_per_second !== undefined, {
    message: 'Give concurrency or rate_per_second.',
    params: { code: 'required' },
  })
  .meta({ description: 'Limits of a lane; null removes one, a missing one stays.' });

@OpsRoute('/lanes')
export class OpsLanesController {
  constructor(
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly queues: QueueReadings,
    private readonly operators: ActingOperators,
  ) {}

  @Get()
  async list(): Promise<{ data: LaneState[] }> {
    const { pool, clock } = this;
    return { data: await loadLanes({ pool, clock, queues: await this.queues.read() }) };
  }

  @Post(':name/pause')
  @HttpCode(200)
  async pause(
    @Param('name') name: string,
    @Body({ schema: pauseLaneSchema }) { reason, why }: z.infer<typeof pauseLaneSchema>,
    @CurrentOperator() caller: OpsCaller,
  ): Promise<{ done: string }> {
    await this.#existing(name);
    await pauseLane(this.operators.of(caller, why), name, reason);
    return { done: `${name} is paused: only requests that are in flight still reach a gateway.` };
  }

  @Post(':name/resume')
  @HttpCode(200)
  async resume(
    @Param('name') name: string,
    @Body({ schema: reasonSchema }) { why }: z.infer<typeof reasonSchema>,
    @CurrentOperator() caller: OpsCaller,
  ): Promise<{ done: string }> {
    await this.#existing(name);
    await resumeLane(this.operators.of(caller, why), name);
    return { done: `${name} is resumed. Workers continue within two seconds.` };
  }

  @Patch(':name')
  async set(
    @Param('name') name: string,
    @Body({ schema: setLaneSchema }) body: z.infer<typeof setLaneSchema>,
    @CurrentOperator() caller: OpsCaller,
  ): Promise<{ done: string }> {
    await this.#existing(name);
    const { concurrency, rate_per_second: ratePerSecond, why } = body;
    await setLane(this.operators.of(caller, why), name, {
      ...(concurrency !== undefined && { concurrency }),
      ...(ratePerSecond !== undefined && { ratePerSecond }),
    });
    return { done: `${name} is changed. Workers apply it within two seconds.` };
  }

  async #existing(name: string): Promise<void> {
    const lanes = await new Lanes(this.pool).list();
    if (lanes.some((lane) => lane.name === name)) return;
    throw InvalidRequest.notFound('There is no lane with this name.');
  }
}
