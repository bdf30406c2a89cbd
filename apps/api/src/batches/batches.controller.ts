// Serves `POST /v1/payment-intents/batch`, NDJSON streamed both ways, and the progress of batches.
import { Body, Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { PaymentBatches } from '@quittance/persistence';
import { InvalidRequest } from '@quittance/platform';
import { NDJSON_CONTENT_TYPE, STREAMED_BODY } from '@quittance/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PassThrough, type Readable } from 'node:stream';
import type { MerchantCaller } from '../access/api-keys.js';
import { CurrentCaller, RequireScope } from '../access/access.guard.js';
import { Pressure } from '../pressure/pressure.js';
import { requiredBody } from '../requests/expected-body.js';
import { traceparentOf } from '../requests/traceparent.js';
import { batchHeaders, isBatchId } from './batch-headers.js';
import { BatchIntake } from './batch-intake.js';
import { type BatchView, batchView } from './batch.schema.js';

/** A caller that is still sending gets so long to read the end of the response. */
const LINGER_MS = 2_000;

@Controller('v1')
export class BatchesController {
  constructor(
    private readonly batchIntake: BatchIntake,
    private readonly batches: PaymentBatches,
    private readonly pressure: Pressure,
  ) {}

  @Post('payment-intents/batch')
  @RouteConfig(STREAMED_BODY)
  @RequireScope('payments:write')
  async create(
    @Body(requiredBody) body: Readable,
    @CurrentCaller() caller: MerchantCaller,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    this.pressure.admit('batch');
    const { batchId, firstLine } = batchHeaders(request.headers);
    const traceparent = traceparentOf(request);
    const from = { caller, ip: request.callerAddress, traceparent };
    const opening = { from, body, batchId, firstLine, requestId: request.id };
    const run = await this.batchIntake.open(opening);
    const response = new PassThrough();
    reply.code(200).header('content-type', NDJSON_CONTENT_TYPE).header('batch-id', batchId);
    void reply.send(response);
    // Lets the caller know at once that its lines are being read.
    reply.raw.flushHeaders();
    await run(response);
    if (body.readableEnded) return;
    const { socket } = request.raw;
    setTimeout(() => void (body.readableEnded || socket.destroy()), LINGER_MS).unref();
  }

  @Get('batches/:batch_id')
  @RequireScope('payments:read')
  async read(
    @Param('batch_id') id: string,
    @CurrentCaller() { merchantId }: MerchantCaller,
  ): Promise<BatchView> {
    const batch = isBatchId(id) ? await this.batches.find(merchantId, id) : undefined;
    if (!batch) throw InvalidRequest.notFound('There is no batch with this id.');
    return batchView(batch);
  }
}
