// Inquires about a payment at the gateway now, instead of at the next planned time.
import { isEnded, statusToWire } from '@quittance/payments';
import { StepRequests } from '@quittance/persistence';
import { loadStory } from '../story/payment-story.js';
import { act } from '../act.js';
import { OperatorError } from '../operator-error.js';
import type { ActingOperator } from './resolve-payment.js';

/**
 * Makes an inquiry about a payment due now. It uses up no entry of the payment's schedule. Returns
 * a message. Throws {@link OperatorError} when there is nothing to inquire about, or no way to.
 */
export async function inquireNow(operator: ActingOperator, id: string): Promise<string> {
  const { payment, terminal } = await loadStory(operator, id);
  const { status, transId, reference } = payment;
  if (status === 'queued' || status === 'submitting') {
    throw new OperatorError(
      `${reference} is ${statusToWire(status)}: the gateway has nothing to say about it yet.`,
    );
  }
  if (transId === null && (terminal.inquiry === 'trans_id' || isEnded(status))) {
    throw new OperatorError(
      `The transID of ${reference} is unknown, and terminal "${terminal.name}" allows no other inquiry; see "terminals set --inquiry".`,
    );
  }
  await act(operator, {}, async ({ audit, at, afterCommit }) => {
    const before = { next_step_at: payment.nextStepAt };
    audit({
      action: 'inquire',
      subject: { kind: 'payment', id },
      before,
      after: { next_step_at: at },
    });
    afterCommit(() => new StepRequests(operator.pool).payment(id, at));
  });
  return `An inquiry about ${reference} is due now.`;
}
