// A worker that stops without dying: its job is taken over, and it wakes up with the request still in its hands.

/**
 * `until` is how long it sleeps: `taken-over`, past its job lock, until another worker has been handed the job; `swept`,
 * until the other has put the payment in doubt. `ends` and `requests` are what must have become of the payment.
 * @type {readonly { stallsAt: string, until: 'taken-over' | 'swept', ends: string, requests: number }[]}
 */
export const STALLS = [
  // Awake again, it finds that its time is over, sends nothing and puts the payment back; then it is sent, once.
  { stallsAt: 'submission.after-fence', until: 'taken-over', ends: 'succeeded', requests: 1 },
  { stallsAt: 'submission.before-last-check', until: 'taken-over', ends: 'succeeded', requests: 1 },
  // Its fence is lost and its card erased: nothing was sent, and nobody can send any more.
  { stallsAt: 'submission.after-fence', until: 'swept', ends: 'failed', requests: 0 },
  { stallsAt: 'submission.before-last-check', until: 'swept', ends: 'failed', requests: 0 },
  // The window that is left, between the last check and the write: it sends late, but still nobody else has.
  { stallsAt: 'submission.before-first-byte', until: 'taken-over', ends: 'succeeded', requests: 1 },
  { stallsAt: 'submission.before-first-byte', until: 'swept', ends: 'succeeded', requests: 1 },
];
