// Serves the search over all payments, the story of one, and the actions on it.
import { Body, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { inquireNow, REFUND_ENDS, resolvePayment, resolveRefund } from '@quittance/operations';
import {
  formatAmount,
  resolvableStatuses,
  statusFromWire,
  statusToWire,
} from '@quittance/payments';
import { PaymentSearch } from '@quittance/persistence';
import { idPattern, InvalidRequest } from '@quittance/platform';
import { z } from 'zod';
import { ActingOperators, reasonSchema, storedText } from '../actions/acting-operators.js';
import type { OpsCaller } from '../sign-in/ops-caller.js';
import { CurrentOperator, OpsRoute } from '../sign-in/ops.guard.js';
import { PaymentStories } from './payment-stories.js';
import { searchTerm } from './search-text.js';
import type { SearchResult, StoryView } from './story.schema.js';

const SEARCH_LENGTH_MAX = 100;

export const searchQuery = z.strictObject({
  q: z.string().max(SEARCH_LENGTH_MAX).meta({
    description:
      'A reference of a payment, an order or a refund, `pi_…`, `re_…`, `evt_…`, a transID, or the last four digits of a card.',
  }),
});

const evidence = storedText.meta({
  description: 'What you saw and where; stored for ever, without card data.',
});
const resolvable = resolvableStatuses.map(statusToWire);

export const resolvePaymentSchema = z
  .strictObject({
    as: z.enum(resolvable).meta({ description: 'The outcome that you saw at the gateway.' }),
    evidence,
  })
  .meta({ description: 'The outcome of a payment in doubt, with evidence.' });

export const resolveRefundSchema = z
  .strictObject({
    as: z.enum(REFUND_ENDS).meta({ description: 'Whether the gateway accepted it.' }),
    evidence,
  })
  .meta({ description: 'The outcome of a refund in doubt, with evidence.' });

const PAYMENT_ID = idPattern('pi');
const REFUND_ID = idPattern('re');

@OpsRoute('')
export class OpsPaymentsController {
  constructor(
    private readonly search: PaymentSearch,
    private readonly stories: PaymentStories,
    private readonly operators: ActingOperators,
  ) {}

  @Get('search')
  async find(
    @Query({ schema: searchQuery }) { q }: z.infer<typeof searchQuery>,
  ): Promise<SearchResult> {
    const { form, text } = searchTerm(q);
    const found = await this.search.find(form, text);
    const data = found.map(({ minor, created_at: createdAt, ...row }) => ({
      ...row,
      amount: formatAmount({ minor: BigInt(minor), currency: row.currency }),
      created_at: createdAt.toISOString(),
    }));
    return { form, data };
  }

  @Get('payments/:id')
  read(@Param('id') id: string): Promise<StoryView> {
    return this.stories.read(id);
  }

  @Post('payments/:id/inquire')
  @HttpCode(200)
  async inquire(
    @Param('id') id: string,
    @Body({ schema: reasonSchema }) { why }: z.infer<typeof reasonSchema>,
    @CurrentOperator() caller: OpsCaller,
  ): Promise<{ done: string }> {
    await this.#existing(id);
    return { done: await inquireNow(this.operators.of(caller, why), id) };
  }

  @Post('payments/:id/resolve')
  @HttpCode(200)
  async resolve(
    @Param('id') id: string,
    @Body({ schema: resolvePaymentSchema }) body: z.infer<typeof resolvePaymentSchema>,
    @CurrentOperator() caller: OpsCaller,
  ): Promise<{ done: string }> {
    await this.#existing(id);
    const as = statusFromWire(body.as);
    if (!as) throw InvalidRequest.notFound();
    const { evidence: seen } = body;
    const find = () => Promise.resolve(id);
    const done = await resolvePayment(this.operators.of(caller), find, { as, evidence: seen });
    return { done };
  }

  @Post('refunds/:id/resolve')
  @HttpCode(200)
  async resolveRefund(
    @Param('id') id: string,
    @Body({ schema: resolveRefundSchema }) body: z.infer<typeof resolveRefundSchema>,
    @CurrentOperator() caller: OpsCaller,
  ): Promise<{ done: string }> {
    const found = REFUND_ID.test(id) ? await this.search.find('refund', id) : [];
    if (found.length === 0) throw InvalidRequest.notFound('There is no refund with this id.');
    const find = () => Promise.resolve(id);
    return { done: await resolveRefund(this.operators.of(caller), find, body) };
  }

  async #existing(id: string): Promise<void> {
    const found = PAYMENT_ID.test(id) ? await this.search.find('payment', id) : [];
    if (found.length === 0) throw InvalidRequest.notFound('There is no payment with this id.');
  }
}
