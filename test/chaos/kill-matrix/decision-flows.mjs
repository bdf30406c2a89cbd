// What people and deadlines decide about a payment: it is cancelled, given up unsent, or taken out of doubt by a person.
import { Oracle } from '../oracle/oracle.ts';
import { Caller } from '../payments.ts';
import { SandboxControl } from '../sandbox-control.ts';

const DOUBTED_WITHIN_MS = 60_000;
const LATE = `UPDATE payment_intents SET submit_before = now(), next_step_at = now() WHERE reference = $1`;

/** Accepted with nobody there to send it. */
async function unsent(stack, reference) {
  await stack.process('worker').kill();
  const { payment } = await Caller.of(stack).accept(reference);
  return payment;
}

export const DECISION_FLOWS = {
  /** The worker is back only when the payment is cancelled, so that it finds the order to send it. */
  cancelled: () => {
    let payment;
    return {
      words: 'has not been asked yet; the caller cancels',
      prepare: async (stack, reference) => (payment = await unsent(stack, reference)),
      act: (stack) => Caller.of(stack).cancel(payment),
      end: (stack) => stack.launch('worker'),
      ends: { payment: 'cancelled' },
    };
  },

  /** Nobody is there to send it until its time is over. */
  late: () => ({
    words: 'hears of no payment in time',
    prepare: async (stack, reference) => {
      await unsent(stack, reference);
      await stack.query(LATE, [reference]);
    },
    act: async () => {},
    ends: { payment: 'failed' },
  }),

  /** The gateway never gets it, which nobody can know: a person looks into its dashboard. */
  resolved: () => ({
    words: 'drops the payment; a person says so',
    prepare: async (stack, reference) => {
      const fault = { match: { reference }, fault: 'drop_before_processing' };
      await new SandboxControl(stack.urls.sandbox).fault(fault);
      await Caller.of(stack).accept(reference);
      await new Oracle(stack.urls).reaches(reference, 'in_doubt', DOUBTED_WITHIN_MS);
    },
    command: (reference) => [
      'resolve',
      reference,
      '--as=failed',
      '--evidence=no transaction in the dashboard',
      '--by=chaos',
    ],
    ends: { payment: 'failed' },
  }),
};
