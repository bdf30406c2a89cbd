// Answers requests: sends the replies of the pure code, with the scripted faults applied. Only this
// file touches a socket.
import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Faults, type FaultScript, type FaultStage, type FaultSubject } from './faults.js';
import { wrongFields } from './wrong-fields.js';
import { connectorFailed } from '../wire/error-replies.js';
import { sleep } from './timers.js';
import { emptyReply, type GatewayReply, textReply } from '../wire/gateway-reply.js';

/** Builds the reply. It gets the fault, because a few faults change the processing. */
export type Process = (fault: FaultScript | undefined) => GatewayReply | Promise<GatewayReply>;

@Injectable()
export class Exchange {
  constructor(private readonly faults: Faults) {}

  /** Processes a request and answers it, with at most one fault of the given stages. */
  async handle(
    reply: FastifyReply,
    stages: readonly FaultStage[],
    subject: FaultSubject,
    process: Process,
  ): Promise<void> {
    const fault = this.faults.take(stages, subject);
    if (fault?.fault === 'drop_before_processing') return hangUp(reply);
    const answer = await process(fault);
    if (!fault) return send(reply, answer);
    await sendFaulty(reply, answer, fault);
  }
}

/** Sends a reply unchanged. */
export function send(reply: FastifyReply, answer: GatewayReply): void {
  const { status, body, contentType, location } = answer;
  void reply.code(status).header('content-type', contentType);
  // In the newer server success and catch-all replies have this header; elsewhere it is harmless
  // (protocol §0).
  if (status === 200 || status === 400) void reply.header('access-control-allow-origin', '*');
  if (location !== undefined) void reply.header('location', location);
  void reply.send(written(body));
}

async function sendFaulty(
  reply: FastifyReply,
  answer: GatewayReply,
  fault: FaultScript,
): Promise<void> {
  switch (fault.fault) {
    case 'delay_ms':
      await sleep(fault.ms ?? 1_000);
      return send(reply, answer);
    case 'drop_after_processing':
      return hangUp(reply);
    case 'status_500_after_processing':
      return send(reply, connectorFailed());
    case 'garbage_reply':
      return send(reply, {
        status: 200,
        contentType: 'text/html',
        body: '<html><body>Bad gateway',
      });
    case 'raw_text_reply':
      return send(reply, textReply(200, 'Request Processed'));
    case 'empty_reply':
      return send(reply, emptyReply(200));
    case 'truncate_reply':
      return sendHalf(reply, answer);
    default:
      return send(reply, rewritten(answer, wrongFields(fault.fault)));
  }
}

function written(body: GatewayReply['body']): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}

function rewritten(answer: GatewayReply, change: ReturnType<typeof wrongFields>): GatewayReply {
  const { body } = answer;
  if (!change || typeof body === 'string' || !isObject(body)) return answer;
  return { ...answer, body: change(body) };
}

function isObject<T extends object>(body: T | readonly T[]): body is T {
  return !Array.isArray(body);
}

/** Ends the connection without sending a byte. */
function hangUp(reply: FastifyReply): void {
  reply.hijack();
  reply.raw.destroy();
}

/** Sends the complete head and half of the body, then ends the connection. */
function sendHalf(reply: FastifyReply, answer: GatewayReply): void {
  const bytes = Buffer.from(written(answer.body), 'utf8');
  reply.hijack();
  reply.raw.writeHead(answer.status, {
    'content-type': answer.contentType,
    'content-length': bytes.length,
  });
  reply.raw.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => reply.raw.destroy());
}
