// Serves `/v1/ops/session`: sign in, the caller of this session, sign out.
import { Body, Controller, Delete, Get, HttpCode, Post, Req, Res, UseGuards } from '@nestjs/common';
import { AccessDenied } from '@quittance/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { CurrentOperator, OpsGuard } from './ops.guard.js';
import type { OpsCaller } from './ops-caller.js';
import { OpsSessions } from './ops-sessions.js';

const KEY_LENGTH_MAX = 200;

export const signInSchema = z.strictObject({
  key: z.string().min(1).max(KEY_LENGTH_MAX).meta({
    description: 'The key of an operator (`qo_…`), or an ops key (`qk_…`).',
  }),
});

export const opsSessionSchema = z.object({
  operator: z.string().meta({ description: 'The name in the audit.' }),
  rights: z.enum(['read', 'act']),
  is_registered: z.boolean().meta({
    description: 'False for an ops key, which proves no person: it makes and approves no proposal.',
  }),
  expires_at: z.iso.datetime().nullable().meta({ description: 'Null for an ops key as bearer.' }),
});
type OpsSessionView = z.infer<typeof opsSessionSchema>;

@Controller('v1/ops/session')
export class SessionController {
  constructor(private readonly sessions: OpsSessions) {}

  @Post()
  @HttpCode(200)
  async signIn(
    @Body({ schema: signInSchema }) { key }: z.infer<typeof signInSchema>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OpsSessionView> {
    try {
      return viewOf(await this.sessions.signIn(key, request, reply));
    } catch (error) {
      if (error instanceof AccessDenied) reply.header('www-authenticate', 'Bearer');
      throw error;
    }
  }

  @Get()
  @UseGuards(OpsGuard)
  read(@CurrentOperator() caller: OpsCaller): OpsSessionView {
    return viewOf(caller);
  }

  @Delete()
  @HttpCode(204)
  async signOut(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    await this.sessions.signOut(request, reply);
  }
}

function viewOf({ name, rights, isRegistered, proof }: OpsCaller): OpsSessionView {
  const expiresAt = proof.kind === 'session' ? proof.expiresAt.toISOString() : null;
  return { operator: name, rights, is_registered: isRegistered, expires_at: expiresAt };
}
