// The decision on everything but a matching report, for every status, written out by hand: two
// letters for a transition, else the stable reason why there is none.

/**
 * The outcome of the worker's own attempt. `notSent` leaves time for another attempt, `tooLate`
 * does not; `unsendable` would be refused here for ever. `charged` stands for a reply that nothing
 * was charged, which raises an alert.
 */
export const OUTCOMES = `
outcome            notSent          tooLate          blocked          refused          misconfigured             alreadyKnown     unknown          unsendable
queued             already_moved_on already_moved_on already_moved_on already_moved_on already_moved_on          already_moved_on already_moved_on already_moved_on
submitting         qu               fa               bl               fa               fa!terminal_misconfigured id               id               qu!terminal_misconfigured
requiresAction     already_moved_on already_moved_on already_moved_on already_moved_on already_moved_on          already_moved_on already_moved_on already_moved_on
processing         already_moved_on already_moved_on already_moved_on already_moved_on already_moved_on          already_moved_on already_moved_on already_moved_on
inDoubt            fa               fa               bl               fa               fa!terminal_misconfigured already_in_doubt already_in_doubt fa!terminal_misconfigured
succeeded          charged          charged          charged          charged          charged                   already_moved_on already_moved_on charged
declined           already_moved_on already_moved_on already_moved_on already_moved_on already_moved_on          already_moved_on already_moved_on already_moved_on
blocked            already_moved_on already_moved_on already_moved_on already_moved_on already_moved_on          already_moved_on already_moved_on already_moved_on
failed             already_moved_on already_moved_on already_moved_on already_moved_on already_moved_on          already_moved_on already_moved_on already_moved_on
expired            already_moved_on already_moved_on already_moved_on already_moved_on already_moved_on          already_moved_on already_moved_on already_moved_on
cancelled          already_moved_on already_moved_on already_moved_on already_moved_on already_moved_on          already_moved_on already_moved_on already_moved_on
refundPending      charged          charged          charged          charged          charged                   already_moved_on already_moved_on charged
refunded           charged          charged          charged          charged          charged                   already_moved_on already_moved_on charged
partiallyRefunded  charged          charged          charged          charged          charged                   already_moved_on already_moved_on charged
reversed           charged          charged          charged          charged          charged                   already_moved_on already_moved_on charged
chargedBack        charged          charged          charged          charged          charged                   already_moved_on already_moved_on charged
disputed           charged          charged          charged          charged          charged                   already_moved_on already_moved_on charged
`;

/**
 * The requests of the caller, of the worker that wants to send, and of the sweeper. `openTooLate`
 * and `overdue` come at the deadline.
 */
export const REQUESTS = `
act                open       openTooLate cancel     refuseCard abandoned      neverSent  overdue
queued             su         fa          ca         fa         not_submitting not_due    fa
submitting         not_queued not_queued  not_queued not_queued id             not_queued not_queued
requiresAction     not_queued not_queued  not_queued not_queued not_submitting not_queued not_queued
processing         not_queued not_queued  not_queued not_queued not_submitting not_queued not_queued
inDoubt            not_queued not_queued  not_queued not_queued not_submitting not_queued not_queued
succeeded          not_queued not_queued  not_queued not_queued not_submitting not_queued not_queued
declined           not_queued not_queued  not_queued not_queued not_submitting not_queued not_queued
blocked            not_queued not_queued  not_queued not_queued not_submitting not_queued not_queued
failed             not_queued not_queued  not_queued not_queued not_submitting not_queued not_queued
expired            not_queued not_queued  not_queued not_queued not_submitting not_queued not_queued
cancelled          not_queued not_queued  not_queued not_queued not_submitting not_queued not_queued
refundPending      not_queued not_queued  not_queued not_queued not_submitting not_queued not_queued
refunded           not_queued not_queued  not_queued not_queued not_submitting not_queued not_queued
partiallyRefunded  not_queued not_queued  not_queued not_queued not_submitting not_queued not_queued
reversed           not_queued not_queued  not_queued not_queued not_submitting not_queued not_queued
chargedBack        not_queued not_queued  not_queued not_queued not_submitting not_queued not_queued
disputed           not_queued not_queued  not_queued not_queued not_submitting not_queued not_queued
`;

/**
 * Inquiries without a report. Silence moves no status; only an absence that counts ends a doubt.
 * `step` is the time until the next inquiry in seconds, or `none`.
 */
export const SILENT_ANSWERS = `
answer             notFound            absent              existsWithoutDetails       unanswered          noWayToAsk
queued             not_at_gateway:same not_at_gateway:same not_at_gateway:same        not_at_gateway:same not_at_gateway:same
submitting         not_at_gateway:same not_at_gateway:same not_at_gateway:same        not_at_gateway:same not_at_gateway:same
requiresAction     notFound:20         notFound:20         existsWithoutDetails:20    unanswered:20       noWayToAsk:none
processing         notFound:20         notFound:20         existsWithoutDetails:20    unanswered:20       noWayToAsk:none
inDoubt            notFound:5          fa:60               existsWithoutDetails:5     unanswered:5        noWayToAsk:none
succeeded          notFound:21600      notFound:21600      existsWithoutDetails:21600 unanswered:21600    noWayToAsk:none
declined           notFound:none       notFound:none       existsWithoutDetails:none  unanswered:none     noWayToAsk:none
blocked            notFound:none       notFound:none       existsWithoutDetails:none  unanswered:none     noWayToAsk:none
failed             notFound:none       notFound:none       existsWithoutDetails:none  unanswered:none     noWayToAsk:none
expired            notFound:600        notFound:600        existsWithoutDetails:600   unanswered:600      noWayToAsk:none
cancelled          notFound:600        notFound:600        existsWithoutDetails:600   unanswered:600      noWayToAsk:none
refundPending      notFound:30         notFound:30         existsWithoutDetails:30    unanswered:30       noWayToAsk:none
refunded           notFound:none       notFound:none       existsWithoutDetails:none  unanswered:none     noWayToAsk:none
partiallyRefunded  notFound:none       notFound:none       existsWithoutDetails:none  unanswered:none     noWayToAsk:none
reversed           notFound:none       notFound:none       existsWithoutDetails:none  unanswered:none     noWayToAsk:none
chargedBack        notFound:none       notFound:none       existsWithoutDetails:none  unanswered:none     noWayToAsk:none
disputed           notFound:21600      notFound:21600      existsWithoutDetails:21600 unanswered:21600    noWayToAsk:none
`;

/**
 * The resolutions of an operator: only a doubt is ended, and only with a final status. `=` is a
 * repeat.
 */
export const RESOLUTIONS = `
to                 queued submitting requiresAction processing inDoubt succeeded declined blocked failed expired cancelled refundPending refunded partiallyRefunded reversed chargedBack disputed
queued             x      x          x              x          x       -         -        -       -      -       -         x             x        x                 -        -           x
submitting         x      x          x              x          x       -         -        -       -      -       -         x             x        x                 -        -           x
requiresAction     x      x          x              x          x       -         -        -       -      -       -         x             x        x                 -        -           x
processing         x      x          x              x          x       -         -        -       -      -       -         x             x        x                 -        -           x
inDoubt            x      x          x              x          x       ok        de       bl      fa     ex      ca        x             x        x                 rv       cb          x
succeeded          x      x          x              x          x       =         -        -       -      -       -         x             x        x                 -        -           x
declined           x      x          x              x          x       -         =        -       -      -       -         x             x        x                 -        -           x
blocked            x      x          x              x          x       -         -        =       -      -       -         x             x        x                 -        -           x
failed             x      x          x              x          x       -         -        -       =      -       -         x             x        x                 -        -           x
expired            x      x          x              x          x       -         -        -       -      =       -         x             x        x                 -        -           x
cancelled          x      x          x              x          x       -         -        -       -      -       =         x             x        x                 -        -           x
refundPending      x      x          x              x          x       -         -        -       -      -       -         x             x        x                 -        -           x
refunded           x      x          x              x          x       -         -        -       -      -       -         x             x        x                 -        -           x
partiallyRefunded  x      x          x              x          x       -         -        -       -      -       -         x             x        x                 -        -           x
reversed           x      x          x              x          x       -         -        -       -      -       -         x             x        x                 =        -           x
chargedBack        x      x          x              x          x       -         -        -       -      -       -         x             x        x                 -        =           x
disputed           x      x          x              x          x       -         -        -       -      -       -         x             x        x                 -        -           x
`;
