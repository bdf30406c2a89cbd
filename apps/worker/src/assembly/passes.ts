// What the worker does unasked, again and again: due steps, ends, sealing anew, refilling the queues, checking the invariants.
import { DuePayments, QueueWatch, SealedValues, StoredInvariants } from '@quittance/persistence';
import { systemClock } from '@quittance/platform';
import { DueSteps } from '../due-steps/due-steps.js';
import type { InquirePayment } from '../inquiry/inquire-payment.js';
import { CheckInvariants } from '../invariants/check-invariants.js';
import { GatewayAgreement } from '../invariants/gateway-agreement.js';
import { QueueAgreement } from '../invariants/queue-agreement.js';
import { EndNeverSent } from '../never-sent/end-never-sent.js';
import { RebuildQueues } from '../queue-rebuild/rebuild-queues.js';
import { UndeliveredEvents } from '../queue-rebuild/undelivered-events.js';
import { ResealStored } from '../resealing/reseal-stored.js';
import type { WorkerParts, WorkerStores } from './worker-parts.js';

export function assemblePasses(parts: WorkerParts, stores: WorkerStores, inquiry: InquirePayment) {
  const { config, keyWatch, log, pool, redis } = parts;
  const { payments, refunds, terminals, queues, producer } = stores;
  const due = new DuePayments(pool);
  const undelivered = new UndeliveredEvents(queues, config.events.subscribers);
  const { prefix } = config.redis;
  return {
    dueSteps: new DueSteps(due, refunds, producer, systemClock),
    neverSent: new EndNeverSent(due, payments, terminals, systemClock),
    resealing: new ResealStored(new SealedValues(pool), keyWatch.keys, log),
    rebuild: new RebuildQueues(new QueueWatch(pool), redis, undelivered, systemClock, log, prefix),
    invariants: checkInvariants(parts, stores, inquiry),
  };
}

function checkInvariants(
  { config, log, metrics, pool }: WorkerParts,
  { payments, refunds, terminals, queues }: WorkerStores,
  inquiry: InquirePayment,
): CheckInvariants {
  const stores = { payments, refunds };
  return new CheckInvariants(
    {
      stored: new StoredInvariants(pool),
      queues: new QueueAgreement(queues, stores, config.events.subscribers),
      gateway: new GatewayAgreement(inquiry),
      terminals,
      clock: systemClock,
      metrics,
      log,
    },
    config.invariants.gatewaySample,
  );
}
