// Serves the verdict: is work starting, do payments end well, is this data fresh.
import { Get } from '@nestjs/common';
import { type Verdict, verdict } from '@quittance/operations';
import {
  DoubtList,
  isDatabaseUnavailable,
  loadWorkState,
  type WorkState,
} from '@quittance/persistence';
import { Clock } from '@quittance/platform';
import { Pool } from 'pg';
import { z } from 'zod';
import { OpsRoute } from '../sign-in/ops.guard.js';
import { QueueReadings } from './queue-readings.js';

const findingSchema = z.object({
  grade: z.enum(['good', 'attention', 'bad', 'unknown']),
  sentence: z.string(),
  reason: z.string(),
  next_step: z.string().nullable(),
});

export const verdictSchema = z
  .object({
    grade: findingSchema.shape.grade.meta({ description: 'The worst of the three.' }),
    work: findingSchema.meta({ description: 'Is work starting?' }),
    outcomes: findingSchema.meta({ description: 'Do payments end well?' }),
    data: findingSchema.meta({ description: 'Is this data fresh?' }),
    read_at: z.iso.datetime(),
  })
  .meta({ description: 'The state of the installation in three sentences.' });

@OpsRoute('/health')
export class OpsHealthController {
  constructor(
    private readonly pool: Pool,
    private readonly doubts: DoubtList,
    private readonly queues: QueueReadings,
    private readonly clock: Clock,
  ) {}

  @Get()
  async read(): Promise<Verdict & { read_at: string }> {
    const startedAt = performance.now();
    const [work, doubts, queues] = await Promise.all([
      orNull(loadWorkState(this.pool)),
      orNull(this.doubts.totals()),
      this.queues.read(),
    ]);
    const now = this.clock.now();
    const readMs = performance.now() - startedAt;
    const found = verdict({ work, doubts, queues, now, read_ms: readMs });
    return { ...found, read_at: now.toISOString() };
  }
}

/** Postgres may leave between the check of the session and these queries. */
async function orNull<T extends WorkState | object>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (isDatabaseUnavailable(error)) return null;
    throw error;
  }
}
