// Serves the actions of operators, newest first, and the proposals that wait for a second one.
import { Body, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { approve, shownArguments, withdrawProposal } from '@quittance/operations';
import { listAudit, listProposals, type Proposal, PrismaService } from '@quittance/persistence';
import { Clock, idPattern, InvalidRequest } from '@quittance/platform';
import { z } from 'zod';
import { instantQuery, limitQuery } from '../../paging.js';
import { ActingOperators, reasonSchema } from '../actions/acting-operators.js';
import type { OpsCaller } from '../sign-in/ops-caller.js';
import { CurrentOperator, OpsRoute } from '../sign-in/ops.guard.js';

const SUBJECT_LENGTH_MAX = 200;
const PROPOSALS_MAX = 100;
const PROPOSAL_ID = idPattern('prp');

export const auditQuery = z.strictObject({
  subject: z
    .string()
    .regex(/^[^\p{Cc}]+$/u, 'Must be the id of a subject.')
    .max(SUBJECT_LENGTH_MAX)
    .optional()
    .meta({ description: 'Only actions on this payment, refund, key, terminal, operator…' }),
  since: instantQuery('Only actions since this instant.'),
  limit: limitQuery,
});

const instant = z.iso.datetime();
const subjectSchema = z.object({ kind: z.string(), id: z.string() });

export const auditListSchema = z
  .object({
    data: z.array(
      z.object({
        number: z.int().positive().meta({ description: 'Its place in the chain.' }),
        at: instant,
        operator: z.string(),
        proposed_by: z.string().nullable(),
        action: z.string(),
        subject: subjectSchema,
        why: z.string().nullable(),
        before: z.unknown(),
        after: z.unknown(),
      }),
    ),
  })
  .meta({ description: 'Actions of operators, newest first.' });

export const proposalListSchema = z
  .object({
    data: z.array(
      z.object({
        id: z.string(),
        action: z.string(),
        subject: subjectSchema,
        arguments: z.record(z.string(), z.unknown()),
        why: z.string().nullable(),
        proposed_by: z.string(),
        proposed_at: instant,
        expires_at: instant,
        is_yours: z.boolean().meta({ description: 'Then another operator must approve it.' }),
      }),
    ),
  })
  .meta({ description: 'Proposals that wait for a second operator, oldest first.' });
type ProposalView = z.infer<typeof proposalListSchema>['data'][number];

@OpsRoute('')
export class AuditController {
  constructor(
    private readonly prisma: PrismaService,
    private readonly clock: Clock,
    private readonly operators: ActingOperators,
  ) {}

  @Get('audit')
  async list(
    @Query({ schema: auditQuery }) { subject, since, limit }: z.infer<typeof auditQuery>,
  ): Promise<z.infer<typeof auditListSchema>> {
    const filter = {
      ...(subject !== undefined && { subjectId: subject }),
      ...(since && { since }),
    };
    const found = await listAudit(this.prisma, { ...filter, limit });
    const data = found.toReversed().map((row) => ({
      number: Number(row.number),
      at: row.at.toISOString(),
      operator: row.operator,
      proposed_by: row.proposedBy,
      action: row.action,
      subject: { kind: row.subjectKind, id: row.subjectId },
      why: row.why,
      before: row.before,
      after: row.after,
    }));
    return { data };
  }

  @Get('proposals')
  async proposals(
    @CurrentOperator() { name }: OpsCaller,
  ): Promise<z.infer<typeof proposalListSchema>> {
    const now = this.clock.now();
    const open = await listProposals(this.prisma, { isOpen: true, now, limit: PROPOSALS_MAX });
    return { data: open.map((proposal) => viewOf(proposal, name)) };
  }

  @Post('proposals/:id/approve')
  @HttpCode(200)
  async approve(
    @Param('id') id: string,
    @Body({ schema: reasonSchema }) { why }: z.infer<typeof reasonSchema>,
    @CurrentOperator() caller: OpsCaller,
  ): Promise<{ done: string }> {
    await this.#existing(id);
    return { done: await approve(this.operators.of(caller, why), id) };
  }

  @Post('proposals/:id/withdraw')
  @HttpCode(200)
  async withdraw(
    @Param('id') id: string,
    @Body({ schema: reasonSchema }) { why }: z.infer<typeof reasonSchema>,
    @CurrentOperator() caller: OpsCaller,
  ): Promise<{ done: string }> {
    await this.#existing(id);
    await withdrawProposal(this.operators.of(caller, why), id);
    return { done: `${id} is withdrawn; nothing was changed.` };
  }

  async #existing(id: string): Promise<void> {
    const found =
      PROPOSAL_ID.test(id) && (await this.prisma.operatorProposal.count({ where: { id } }));
    if (!found) throw InvalidRequest.notFound('There is no proposal with this id.');
  }
}

function viewOf(proposal: Proposal, name: string): ProposalView {
  const { id, action, subject, why, proposedBy, proposedAt, expiresAt } = proposal;
  return {
    id,
    action,
    subject,
    arguments: shownArguments(proposal),
    why,
    proposed_by: proposedBy,
    proposed_at: proposedAt.toISOString(),
    expires_at: expiresAt.toISOString(),
    is_yours: proposedBy === name,
  };
}
