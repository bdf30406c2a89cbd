// Serves the overview: series of a range, and a stream of seconds.
import { Get, Query, Res } from '@nestjs/common';
import type { Overview } from '@quittance/operations';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import type { OpsCaller } from '../sign-in/ops-caller.js';
import { EVENT_STREAM } from '../sign-in/ops-sessions.js';
import { CurrentOperator, OpsRoute } from '../sign-in/ops.guard.js';
import { LiveOverview } from './live-overview.js';
import { OverviewReadings } from './overview-readings.js';
import { overviewQuery } from './overview.schema.js';

@OpsRoute('/overview')
export class OverviewController {
  constructor(
    private readonly readings: OverviewReadings,
    private readonly live: LiveOverview,
  ) {}

  @Get()
  read(
    @Query({ schema: overviewQuery }) { range }: z.infer<typeof overviewQuery>,
  ): Promise<Overview> {
    return this.readings.read(range);
  }

  @Get('live')
  follow(@CurrentOperator() caller: OpsCaller, @Res() reply: FastifyReply): void {
    const stream = this.live.listen(caller);
    // Nginx would collect the events.
    void reply.header('content-type', EVENT_STREAM).header('x-accel-buffering', 'no').send(stream);
  }
}
