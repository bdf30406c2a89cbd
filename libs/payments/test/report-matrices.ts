// The decision on a matching report, for every status and every order_status (protocol §7), written
// out by hand. The signs:
// - `ra`, `ok`, …: moves to that status.
// - `=`: same status, nothing new.
// - `-`: no such transition, outdated news.
// - `!`: no such transition, and the report contradicts a final status.
// - `+`: a charge after a soft end.
// - `^`: a charge after a failure.
// - `?`: an unpublished code.
// - `t`: a test outcome, which cannot count on a live terminal.
// - `*`: not sent yet, so the gateway cannot know of the payment.
// - `~`: moves there by an inquiry only, because a late reply may be older than the dispute.

/**
 * Codes with the same meaning on test and live terminals. `0u` is a 0 with an authurl; `7` is
 * without a refund of ours.
 */
export const ON_ANY_TERMINAL = `
code               0   0u  1   2   3   7   5   8   10  28  11  22  23  24
queued             *   *   *   *   *   *   *   *   *   *   *   *   *   *
submitting         pr  ra  ok  de  rv  rv  cb  rp  bl  bl  di  ex  ca  fa
requiresAction     =   =   ok  de  rv  rv  cb  rp  bl  bl  di  ex  ca  fa
processing         =   ra  ok  de  rv  rv  cb  rp  bl  bl  di  ex  ca  fa
inDoubt            pr  ra  ok  de  rv  rv  cb  rp  bl  bl  di  ex  ca  fa
succeeded          -   -   =   !   rv  rv  cb  rp  !   !   di  -   -   !
declined           -   -   !   =   !   !   !   !   -   -   !   -   -   -
blocked            -   -   !   -   !   !   !   !   =   =   !   -   -   -
failed             -   -   ok^ -   rv^ rv^ cb^ rp^ -   -   di^ -   -   =
expired            -   -   ok+ de  rv+ rv+ cb+ rp+ bl  bl  di+ =   ca  fa
cancelled          -   -   ok+ de  rv+ rv+ cb+ rp+ bl  bl  di+ ex  =   fa
refundPending      -   -   -   !   rv  rv  cb  =   !   !   di  -   -   !
refunded           -   -   -   !   =   =   cb  -   !   !   di  -   -   !
partiallyRefunded  -   -   -   !   =   =   cb  -   !   !   di  -   -   !
reversed           -   -   -   !   =   =   cb  -   !   !   di  -   -   !
chargedBack        -   -   -   !   -   -   =   -   !   !   -   -   -   !
disputed           -   -   ok~ !   rv~ rv~ cb  rp~ !   !   =   -   -   !
`;

/**
 * Test outcomes on a test terminal, in reports without an authurl (only the row `requiresAction`
 * has one).
 */
export const ON_A_TEST_TERMINAL = `
code               9   25  26  27
queued             *   *   *   *
submitting         ok  ok  de  pr
requiresAction     ok  ok  de  =
processing         ok  ok  de  =
inDoubt            ok  ok  de  pr
succeeded          =   =   !   -
declined           !   !   =   -
blocked            !   !   -   -
failed             ok^ ok^ -   -
expired            ok+ ok+ de  -
cancelled          ok+ ok+ de  -
refundPending      -   -   !   -
refunded           -   -   !   -
partiallyRefunded  -   -   !   -
reversed           -   -   !   -
chargedBack        -   -   !   -
disputed           ok~ ok~ !   -
`;

/**
 * Test outcomes on a live terminal, where they cannot have moved money: never a success (`fat`
 * failed, flagged, alert).
 */
export const TEST_OUTCOMES_ON_A_LIVE_TERMINAL = `
code               9   25  26  27
queued             *   *   *   *
submitting         fat fat fat fat
requiresAction     fat fat fat fat
processing         fat fat fat fat
inDoubt            fat fat fat fat
succeeded          t   t   t   t
declined           t   t   t   t
blocked            t   t   t   t
failed             t   t   t   t
expired            t   t   t   t
cancelled          t   t   t   t
refundPending      t   t   t   t
refunded           t   t   t   t
partiallyRefunded  t   t   t   t
reversed           t   t   t   t
chargedBack        t   t   t   t
disputed           t   t   t   t
`;

/** 3 and 7 on a payment with a refund of ours on record, of the whole amount or of a part. */
export const TAKEN_BACK_AFTER_OUR_REFUND = `
refund             whole part
queued             *     *
submitting         -     -
requiresAction     -     -
processing         -     -
inDoubt            -     -
succeeded          rf    pf
declined           !     !
blocked            !     !
failed             !     !
expired            !     !
cancelled          !     !
refundPending      rf    pf
refunded           =     -
partiallyRefunded  -     =
reversed           -     -
chargedBack        -     -
disputed           rf~   pf~
`;

/** Balance codes, codes that were never published, and texts that are no code: none is guessed. */
export const UNKNOWN_CODES = '12 13 14 20 21 4 6 15 16 17 18 19 29 99 -1 01 1.0 Approved'.split(
  ' ',
);

const SIGNS: Readonly<Record<string, string>> = {
  '=': 'same_status',
  '-': 'no_such_move',
  '!': 'no_such_move!contradicts_final_status',
  '?': 'unknown_code!unknown_order_status',
  t: 'test_outcome_on_live_terminal!test_outcome_on_live_terminal',
  '*': 'not_at_gateway!report_mismatch',
  fat: 'fa(test_outcome_on_live_terminal)!test_outcome_on_live_terminal',
};

/**
 * Converts a cell of the matrices above to the words of `outcomeWord`, for a report from an inquiry
 * or from elsewhere.
 */
export function wordOfCell(cell: string, isInquiry: boolean): string {
  if (cell.endsWith('~')) return isInquiry ? cell.slice(0, -1) : 'no_such_move';
  return (
    SIGNS[cell] ??
    cell
      .replace(/\+$/, '(late_success)!late_success')
      .replace(/\^$/, '(arrived_after_failure)!late_success')
  );
}
