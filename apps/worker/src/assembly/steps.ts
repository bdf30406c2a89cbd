// What jobs do to a payment or a refund: submit it, ask about it, advance it.
import type { GatewayClient } from '@quittance/gateway';
import { CallbackHints, DoubtInquiries, TransactionOwners } from '@quittance/persistence';
import { handleJob, JobConsumer } from '@quittance/queues';
import { InquirePayment } from '../inquiry/inquire-payment.js';
import type { AdvanceRefund } from '../refunds/advance-refund.js';
import { refundSteps } from '../refunds/refund-steps.js';
import { openPlaces, type WorkerPlaces } from '../places/open-places.js';
import { BuildRequest } from '../submission/build-request.js';
import { SubmitPayment } from '../submission/submit-payment.js';
import { TerminalKeys } from '../terminal-keys.js';
import { givesBack } from './give-back.js';
import type { WorkerParts, WorkerStores } from './worker-parts.js';

/** The steps that jobs name. */
export interface Steps {
  readonly submission: SubmitPayment;
  readonly inquiry: InquirePayment;
  readonly advancing: AdvanceRefund;
  readonly places: WorkerPlaces;
}

export function assembleSteps(
  { config, clock, keyWatch: { keys }, log, metrics, pool }: WorkerParts,
  { payments, refunds, terminals }: WorkerStores,
  gateway: GatewayClient,
): Steps {
  const { timeoutMs, callbackUrl } = config.gateway;
  const requests = new BuildRequest(new TerminalKeys(keys), keys, clock, callbackUrl);
  const places = openPlaces(config.jobs, metrics);
  const submission = new SubmitPayment(payments, terminals, gateway, requests, clock, log, {
    timeoutMs,
    places: places.submissions,
  });
  const ofRefunds = { refunds, terminals, gateway, clock, log, timeoutMs, places: places.refunds };
  const { advancing, inquiring } = refundSteps(ofRefunds);
  const inquiry = new InquirePayment(
    payments,
    terminals,
    new DoubtInquiries(pool),
    new TransactionOwners(pool),
    new CallbackHints(pool),
    gateway,
    inquiring,
    clock,
    { submissionTimeoutMs: timeoutMs, places: places.inquiries },
  );
  return { submission, inquiry, advancing, places };
}

/** Takes the jobs of all lanes, as many of a kind at once as it has places: those that find none are given back. */
export function consumeJobs(
  { config: { jobs, redis: server }, log, redis }: WorkerParts,
  { submission, inquiry, advancing, places }: Steps,
): JobConsumer {
  return new JobConsumer({
    connections: redis,
    prefix: server.prefix,
    log,
    handlers: [
      handleJob('payment.submit.v1', ({ paymentId }, queue) => submission.submit(paymentId, queue)),
      handleJob('payment.inquire.v1', async ({ paymentId }) => {
        await inquiry.inquire(paymentId);
      }),
      handleJob('payment.watch.v1', async ({ paymentId }) => {
        await inquiry.inquire(paymentId, places.watch);
      }),
      handleJob('refund.advance.v1', ({ refundId }) => advancing.advance(refundId)),
    ].map(givesBack),
    concurrency: {
      'payment.submit.v1': jobs.submissions,
      'payment.inquire.v1': jobs.inquiries,
      'payment.watch.v1': jobs.watch,
      'refund.advance.v1': jobs.refunds,
    },
    lockDurationMs: jobs.lockMs,
  });
}
