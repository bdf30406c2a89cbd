// `terminals pause|resume`: stops and restarts the submission of a terminal's payments.
import { StepRequests, lockTerminal } from '@quittance/persistence';
import { act, checkEvidence, OperatorError } from '@quittance/operations';
import type { Operator } from '../command/operator.js';
import { type MerchantOption, findTerminal } from './find-terminal.js';

/** Pauses a terminal; its payments stay queued. The reason is stored with it. */
export async function pauseTerminal(
  operator: Operator,
  name: string,
  options: MerchantOption & { readonly reason: string },
): Promise<void> {
  const reason = checkEvidence(options.reason, '--reason');
  const { id } = await findTerminal(operator, name, options);
  // The audit shows the reason, unless --why gives another one.
  const stated = operator.why === undefined ? { evidence: reason } : {};
  await act(operator, stated, async ({ tx, at, audit }) => {
    const { paused_reason: before } = await lockTerminal(tx, id);
    if (before !== null) throw new OperatorError(`It is already paused: ${before}`);
    await tx.terminal.update({
      where: { id },
      data: { pausedAt: at, pausedReason: reason },
      select: { id: true },
    });
    audit({
      action: 'terminals pause',
      subject: { kind: 'terminal', id },
      before: { paused_reason: null },
      after: { paused_reason: reason },
    });
  });
  operator.output.remark(
    `"${name}" is paused: nothing is sent except requests that are already in flight.`,
  );
}

/** Resumes a terminal; its queued payments and refunds become due. */
export async function resumeTerminal(
  operator: Operator,
  name: string,
  options: MerchantOption,
): Promise<void> {
  const { id } = await findTerminal(operator, name, options);
  await act(operator, {}, async ({ tx, audit }) => {
    const { paused_reason: before } = await lockTerminal(tx, id);
    if (before === null) throw new OperatorError('It is not paused.');
    await tx.terminal.update({
      where: { id },
      data: { pausedAt: null, pausedReason: null },
      select: { id: true },
    });
    audit({
      action: 'terminals resume',
      subject: { kind: 'terminal', id },
      before: { paused_reason: before },
      after: { paused_reason: null },
    });
  });
  const { payments, refunds } = await new StepRequests(operator.pool).queuedOf(
    id,
    operator.clock.now(),
  );
  operator.output.remark(
    `"${name}" is resumed. Due now: payments ${payments}, refunds ${refunds}.`,
  );
}
