// The decision on every kind of evidence about a refund and its payment, for every status, written
// out by hand. A cell is the refund's transition (two letters) or the stable reason why there is
// none, then `/` and the payment's transition if it makes one, then `!` and an alert. `-` stands
// for `already_moved_on`, `!!` for the alert `contradicts_final_status`, `!?` for
// `report_mismatch`.

/**
 * The outcome of our own request. `tooLate` is a notSent without time for another attempt,
 * `unsendable` one that would be refused here for ever, `other` an acceptance of another
 * transaction.
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
 * The requests of the worker that wants to send, of the sweeper and of an operator. `moved` is an
 * opening after the payment has moved on.
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
 * The answers about the payment. `lasting` is a doubt because a refund had been requested already,
 * and the gateway cannot say whose. In every refund status the payment makes the transition that it
 * would make alone, except that 7 is our refund if a request of ours may have arrived.
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
