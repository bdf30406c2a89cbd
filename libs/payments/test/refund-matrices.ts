// What every kind of evidence does to a refund and its payment, for every status, written out by
// hand. A cell is the refund's move (two letters) or the stable word for why nothing moved, then
// `/` and the payment's move if it makes one, then `!` and an alert. `-` stands for
// `already_moved_on`, `!!` for the alert `contradicts_final_status`, `!?` for `report_mismatch`.

/**
 * What our own request told. `tooLate` is a notSent with no time for another try, `unsendable` one
 * that would be refused here for ever, `other` an acceptance of another transaction.
 */
export const REFUND_OUTCOMES = `
outcome   notSent tooLate accepted refused already        unknown          other                   unsendable
queued    -       -       -/rp     -       -/rp           -                -!?                     -
submitting qu     fa      ac/rp    fa      id/rp          id               id!?                    qu!terminal_misconfigured
inDoubt   fa      fa      ac/rp    fa      already_in_doubt/rp already_in_doubt already_in_doubt!? fa!terminal_misconfigured
accepted  -       -       -        -!!     -              -                -!?                     -
succeeded -       -       -        -!!     -              -                -!?                     -
failed    -       -       -/rp!!   -       -/rp           -                -!?                     -
`;

/**
 * What the worker that wants to send, the sweeper and a person ask for. `moved` is an opening after
 * the payment has moved on.
 */
export const REFUND_REQUESTS = `
act        open       openLate   moved      abandoned      found          notFound
queued     su         fa         fa         not_submitting not_in_doubt   not_in_doubt
submitting not_queued not_queued not_queued id             not_in_doubt   not_in_doubt
inDoubt    not_queued not_queued not_queued not_submitting ac             fa
accepted   not_queued not_queued not_queued not_submitting not_in_doubt   not_in_doubt
succeeded  not_queued not_queued not_queued not_submitting not_in_doubt   not_in_doubt
failed     not_queued not_queued not_queued not_submitting not_in_doubt   not_in_doubt
`;

/**
 * What the gateway says about the payment. `lasting` is a doubt because a refund had been asked for
 * already: the gateway cannot say whose. Of a refund in any status the payment's own move is the
 * one it would make by itself, but that 7 is ours where a request of ours may have arrived.
 */
export const REFUND_ANSWERS = `
code       1        8           7           3           2           other         silence
queued     reported fa/rp       fa/rv       fa/rv       reported!!  reported!?    unanswered
submitting reported reported/rp reported    reported    reported!!  reported!?    unanswered
inDoubt    reported ac/rp       ok/pf       ok/pf       reported!!  reported!?    unanswered
lasting    reported reported/rp reported    reported    reported!!  reported!?    unanswered
accepted   reported reported    ok/pf       ok/pf       reported!!  reported!?    unanswered
succeeded  reported reported    reported    reported    reported!!  reported!?    unanswered
failed     reported reported/rp reported/rv reported/rv reported!!  reported!?    unanswered
`;
