// Serves the sandbox's control paths (docs/sandbox.md): terminals, acquirer scripts, faults,
// settlements and the ledger.
import { Body, Controller, Delete, Get, HttpCode, Post, Put, Query, Res } from '@nestjs/common';
import { Conflict, InvalidRequest } from '@quittance/platform';
import type { FastifyReply } from 'fastify';
import { Acquirer } from '../acquirer/acquirer.js';
import { Blocklist } from '../creation/blocklist.js';
import { CurrentGeneration } from '../generation/generation.js';
import { MissingWebhookUrl, type StatusUpdate } from '../status/status-updater.js';
import { Terminals } from '../transactions/terminals.js';
import { Ledger } from '../transactions/ledger.js';
import type { Transaction } from '../transactions/transaction.js';
import type { JsonObject } from '../wire/gateway-reply.js';
import * as schema from './control.schema.js';
import {
  acquirerView,
  faultView,
  ledgerRow,
  receivedRequest,
  terminalView,
} from './control.view.js';
import { Faults, faultStages } from '../exchange/faults.js';
import { Listener } from './listener.js';
import { SandboxReset } from './sandbox-reset.js';
import { PaymentSettlement } from '../status/payment-settlement.js';
import { wrongFields } from '../exchange/wrong-fields.js';

@Controller('sandbox')
export class ControlController {
  constructor(
    private readonly generation: CurrentGeneration,
    private readonly terminals: Terminals,
    private readonly ledger: Ledger,
    private readonly acquirer: Acquirer,
    private readonly blocklist: Blocklist,
    private readonly faults: Faults,
    private readonly listener: Listener,
    private readonly settlements: PaymentSettlement,
    private readonly sandboxReset: SandboxReset,
  ) {}

  @Post('terminals')
  registerTerminal(@Body({ schema: schema.terminalBody }) body: schema.TerminalBody): JsonObject {
    const terminal = {
      number: body.number,
      publicKey: body.public_key,
      privateKey: body.private_key,
      merchant: body.merchant,
      acquirer: body.acquirer,
    };
    this.terminals.register(terminal);
    return terminalView(terminal);
  }

  @Get('terminals')
  listTerminals(): JsonObject {
    return { data: this.terminals.all().map(terminalView) };
  }

  @Post('acquirer')
  scriptAcquirer(@Body({ schema: schema.acquirerBody }) body: schema.AcquirerBody): JsonObject {
    const { match, settle } = body;
    const script = {
      match: {
        reference: match.reference,
        referencePrefix: match.reference_prefix,
        mop: match.mop,
      },
      answer: {
        orderStatus: body.reply,
        settlement: settle && { orderStatus: settle.order_status, afterMs: settle.after_ms },
      },
      remaining: body.times,
    };
    this.acquirer.add(script);
    return acquirerView(script);
  }

  @Get('acquirer')
  listAcquirerScripts(): JsonObject {
    return { data: this.acquirer.all().map(acquirerView) };
  }

  @Delete('acquirer')
  clearAcquirer(): JsonObject {
    this.acquirer.clear();
    return this.listAcquirerScripts();
  }

  @Post('blocklist')
  block(@Body({ schema: schema.blocklistBody }) rule: schema.BlocklistBody): JsonObject {
    this.blocklist.add(rule);
    return { ...rule };
  }

  @Get('blocklist')
  listBlocks(): JsonObject {
    return { data: this.blocklist.all() };
  }

  @Post('faults')
  scriptFault(
    @Body({ schema: schema.faultBody }) body: schema.FaultBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): JsonObject {
    const { fault } = body;
    if (fault === 'refuse_connection') return this.#refuseConnections(body.for_ms, reply);
    const isWrongField = wrongFields(fault) !== undefined;
    const script = {
      fault,
      match: body.match,
      stage: isWrongField && body.on === 'callback' ? 'callback' : faultStages[fault],
      ms: body.ms,
      orderStatus: body.order_status,
      refusal: body.refusal,
      remaining: body.times,
    };
    this.faults.add(script);
    return faultView(script);
  }

  @Get('faults')
  listFaults(): JsonObject {
    return { data: this.faults.all().map(faultView) };
  }

  @Delete('faults')
  clearFaults(): JsonObject {
    this.faults.clear();
    return this.listFaults();
  }

  @Post('settle')
  @HttpCode(200)
  async settle(@Body({ schema: schema.settleBody }) body: schema.SettleBody): Promise<JsonObject> {
    const transaction = this.ledger.find(body.transID);
    if (!transaction) throw InvalidRequest.notFound('There is no transaction with this transID.');
    const update = await this.#settled(transaction, body);
    return {
      ...update.map,
      stored: update.isStored,
      stored_order_status: String(transaction.orderStatus),
    };
  }

  /**
   * Returns the ledger. With a reference, the response also lists every create request received for
   * it, answered or not.
   */
  @Get('ledger')
  showLedger(@Query('reference') reference: string | undefined): JsonObject {
    const { ledger } = this;
    if (reference === undefined)
      return { data: [...ledger.all()].map((row) => ledgerRow(row, ledger)) };
    return {
      data: ledger.withReference(reference).map((row) => ledgerRow(row, ledger)),
      received: ledger.received(reference).map(receivedRequest),
    };
  }

  @Get('generation')
  showGeneration(): JsonObject {
    return { generation: this.generation.name };
  }

  @Put('generation')
  switchGeneration(
    @Body({ schema: schema.generationBody }) body: schema.GenerationBody,
  ): JsonObject {
    this.generation.show(body.generation);
    return this.showGeneration();
  }

  /** Deletes everything; terminals only with `?terminals=true`. The generation stays. */
  @Delete()
  reset(@Query('terminals') terminals: string | undefined): JsonObject {
    this.sandboxReset.reset({ terminals: terminals === 'true' });
    return { reset: true, terminals: this.terminals.all().length };
  }

  async #settled(transaction: Transaction, body: schema.SettleBody): Promise<StatusUpdate> {
    try {
      return await this.settlements.settle(transaction, body.order_status, body.force);
    } catch (error) {
      if (!(error instanceof MissingWebhookUrl)) throw error;
      throw new Conflict('webhook_url_missing', 'The payment was created without a webhook_url.');
    }
  }

  /** Closes the port before the response, so that no connection is accepted in between. */
  #refuseConnections(forMs: number, reply: FastifyReply): JsonObject {
    const cutConnections = this.listener.close(forMs);
    void reply.header('connection', 'close');
    reply.raw.once('close', cutConnections);
    return { fault: 'refuse_connection', for_ms: forMs };
  }
}
