// Moves of payments for the recorders of api and worker, as many a second as wanted. Each payment
// really goes through `decide`; nothing else of it happens.
import { decide, type Payment } from '@quittance/payments';
import { createPool, SampleRecorder, Samples } from '@quittance/persistence';
import { createLogger } from '@quittance/platform';
import { aPayment, newTransId } from '../../test/support/payments.js';
import { rounded } from '../figures.js';

const EVERY_MS = 20;
/** Payments of the past whose times are repeated: to the first attempt, and to the end. */
const TIMES_MS: readonly (readonly [number, number])[] = [
  [9, 45],
  [12, 90],
  [15, 240],
  [40, 480],
  [90, 900],
  [300, 2_000],
  [800, 4_000],
];
const STATES = ['approved', 'approved', 'approved', 'approved', 'declined'] as const;

/** The rate, spread evenly over so many lanes. */
export interface Rate {
  readonly perSecond: number;
  readonly lanes: number;
}

/** Two of each, as 1,000 payments a second need, each with connections of its own. */
function startProcesses(databaseUrl: string) {
  const log = createLogger({ name: 'bench', level: 'warn' });
  const start = (role: string) => {
    const options = { applicationName: `bench-${role}`, connections: 2, onError: () => undefined };
    const pool = createPool({ databaseUrl, ...options });
    const recorder = new SampleRecorder(new Samples(pool), log);
    recorder.start();
    return { recorder, stop: () => recorder.stop().then(() => pool.end()) };
  };
  return { apis: [start('api'), start('api')], workers: [start('worker'), start('worker')] };
}

/** Records payments until it is stopped. `stop` resolves with their number and their cost. */
export function recordPayments(databaseUrl: string, { perSecond, lanes }: Rate) {
  const { apis, workers } = startProcesses(databaseUrl);
  const began = performance.now();
  let [payments, recordingMs] = [0, 0];
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - began) / 1_000) * perSecond);
    for (; payments < due; payments += 1) {
      const [api, worker] = [apis[payments % 2], workers[payments % 2]];
      const moves = movesOf(payments, lanes);
      const at = performance.now();
      for (const { payment, decision } of moves)
        (decision ? worker : api)?.recorder.committed([{ payment, decision }]);
      worker?.recorder.gatewayCalled(moves[0]!.payment.lane, 'replied');
      recordingMs += performance.now() - at;
    }
  }, EVERY_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      const seconds = (performance.now() - began) / 1_000;
      await Promise.all([...apis, ...workers].map((one) => one.stop()));
      const us_each = rounded((recordingMs / payments) * 1_000);
      return { payments, per_second: rounded(payments / seconds), recording_us_each: us_each };
    },
  };
}

/** Acceptance, opened attempt and end of a payment that ends now. */
function movesOf(number: number, lanes: number) {
  const [sentMs, endedMs] = TIMES_MS[number % TIMES_MS.length]!;
  const createdAt = new Date(Date.now() - endedMs);
  const after = (ms: number) => new Date(createdAt.getTime() + ms);
  const submitBefore = after(3_600_000);
  const times = { createdAt, updatedAt: createdAt, submitBefore };
  const accepted = aPayment({ lane: `lane-${number % lanes}`, ...times });
  const open = { cause: 'request', act: 'open', replyBefore: after(60_000) } as const;
  const opened = decide(accepted, open, after(sentMs));
  const outcome = { kind: 'reported', report: reportOf(accepted, number) } as const;
  const ended = decide(opened.next, { cause: 'reply', outcome, random: 0 }, after(endedMs));
  return [
    { payment: accepted, decision: null },
    { payment: opened.next, decision: opened },
    { payment: ended.next, decision: ended },
  ];
}

const reportOf = ({ reference }: Payment, number: number) => ({
  transId: newTransId(),
  state: STATES[number % STATES.length]!,
  orderStatus: '25',
  reference,
  amount: '11.11',
  currency: 'EUR',
  response: null,
  authUrl: null,
  maskedCard: null,
  isOtherTerminal: false,
  unreadable: [],
});
