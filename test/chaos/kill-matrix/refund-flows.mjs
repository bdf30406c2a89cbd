// Refunds on their way to the place where a process shall die: of a payment that is paid before anything is armed, so that every
// step that follows is the refund's.
import { Oracle } from '../oracle/oracle.ts';
import { Caller, refundReference } from '../payments.ts';
import { SandboxControl } from '../sandbox-control.ts';
import { until } from '../waiting.ts';

const REFUND_PATH = '/api/transactions/refund-request';
const PAID_WITHIN_MS = 60_000;
const DOUBTED_WITHIN_MS = 30_000;
/** The sweeper's patience, a due step's lease and the first questions, one after another. */
const ENDS_WITHIN_MS = 150_000;
const LOOK_EVERY_MS = 200;

const STORED = 'SELECT status, inquiries FROM refunds WHERE reference = $1';
const LATE = `UPDATE refunds SET submit_before = now(), next_step_at = now() WHERE reference = $1`;

/** The refund as it is stored, which only says when to look: who judges is the ledger. */
export async function storedRefund(stack, reference) {
  const [stored] = await stack.query(STORED, [refundReference(reference)]);
  return stored;
}

async function paid(stack, reference) {
  const { payment } = await Caller.of(stack).accept(reference);
  await new Oracle(stack.urls).reaches(reference, 'succeeded', PAID_WITHIN_MS);
  return payment;
}

/** People at the gateway complete what was asked for, once it was; over when nothing more will happen by itself. */
async function completed(stack, reference) {
  const sandbox = new SandboxControl(stack.urls.sandbox);
  let isCompleted = false;
  const isOver = async () => {
    const { status, inquiries } = await storedRefund(stack, reference);
    if (status === 'accepted' && !isCompleted) {
      await sandbox.completeRefund(reference);
      isCompleted = true;
    }
    return (
      status === 'succeeded' || status === 'failed' || (status === 'in_doubt' && inquiries > 0)
    );
  };
  const what = `the end of the refund of ${reference}`;
  await until(isOver, { what, limitMs: ENDS_WITHIN_MS, everyMs: LOOK_EVERY_MS });
}

/** A refund asked for when the payment is paid, with what the gateway does wrong with the request. */
function refund({ fault, ...flow }) {
  let payment;
  return {
    prepare: async (stack, reference) => {
      payment = await paid(stack, reference);
      if (!fault) return;
      const match = { reference, path: REFUND_PATH };
      await new SandboxControl(stack.urls.sandbox).fault({ match, fault });
    },
    act: (stack) => Caller.of(stack).refund(payment),
    follow: completed,
    ends: { payment: 'refunded', refund: 'succeeded' },
    ...flow,
  };
}

export const REFUND_FLOWS = {
  refunded: () => refund({ words: 'takes the refund' }),

  'refund-doubtful': () =>
    refund({ words: 'loses its reply to the refund', fault: 'drop_after_processing' }),

  /** Nobody is there to send it until its time is over. */
  'refund-late': () => {
    const { prepare, act, ...flow } = refund({ words: 'hears of no refund in time' });
    return {
      ...flow,
      prepare: async (stack, reference) => {
        await prepare(stack, reference);
        await stack.process('worker').kill();
        await act(stack);
        await stack.query(LATE, [refundReference(reference)]);
      },
      act: async () => {},
      ends: { payment: 'succeeded', refund: 'failed' },
    };
  },

  /** The gateway never gets it, which nobody can know: a person looks into its dashboard. */
  'refund-resolved': () => {
    const words = 'drops the refund; a person says so';
    const { prepare, act, ...flow } = refund({ words, fault: 'drop_before_processing' });
    return {
      ...flow,
      prepare: async (stack, reference) => {
        await prepare(stack, reference);
        await act(stack);
        const isInDoubt = async () => (await storedRefund(stack, reference)).status === 'in_doubt';
        await until(isInDoubt, { what: 'the doubt', limitMs: DOUBTED_WITHIN_MS });
      },
      command: (reference) => [
        'refunds',
        'resolve',
        refundReference(reference),
        '--as=failed',
        '--evidence=no refund in the dashboard',
        '--by=chaos',
      ],
      ends: { payment: 'succeeded', refund: 'failed' },
    };
  },
};
