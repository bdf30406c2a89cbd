// Explains the stable values of `doubt_reason`, for operators.

/** Returns the meaning of a doubt's reason, as half a sentence: `the gateway’s answer is …`. */
export function doubtMeaning(doubtReason: string | null): string {
  return REASONS[doubtReason ?? ''] ?? UNLISTED;
}

const UNLISTED = 'the reply proves no outcome, so the gateway may have executed the request.';
const UNREADABLE = 'this field of the gateway’s answer is unreadable.';
const MISMATCH = 'the gateway’s answer is about something else.';

const REASONS: Readonly<Record<string, string>> = {
  worker_died:
    'the worker stopped between the fence and the stored reply; the request may have been sent.',
  reference_already_known: 'the gateway already has the reference (5012).',
  unknown_order_status: 'the gateway used an undocumented code.',
  other_transaction: MISMATCH,
  other_reference: MISMATCH,
  other_terminal: MISMATCH,
  other_card: MISMATCH,
  amount_mismatch: MISMATCH,
  currency_mismatch: MISMATCH,
  incomplete_report: 'the gateway’s answer does not prove that it is about this payment.',
  transaction_of_another_payment:
    'the gateway named another payment’s transaction; this payment may or may not be charged.',
  reference_of_several_payments:
    'the gateway found a transaction by the reference, but it may belong to another payment.',
  unreadable_reference: UNREADABLE,
  unreadable_amount: UNREADABLE,
  unreadable_currency: UNREADABLE,
  unreadable_terminal: UNREADABLE,
  unreadable_card: UNREADABLE,
  unreadable_authurl: 'the gateway waits for the payer but gave no usable address.',
};
