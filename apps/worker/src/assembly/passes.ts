// What the worker does unasked, again and again: due steps, ends, sealing anew, refilling the queues, checking the invariants.
import type { GatewayClient } from '@quittance/gateway';
import {
  Asks,
  DuePayments,
  QueueWatch,
  SealedValues,
  StoredInvariants,
} from '@quittance/persistence';
import { DueSteps } from '../due-steps/due-steps.js';
import { ReviveDoubts } from '../due-steps/revive-doubts.js';
import { CheckInvariants } from '../invariants/check-invariants.js';
import { GatewayAgreement } from '../invariants/gateway-agreement.js';
import { QueueAgreement } from '../invariants/queue-agreement.js';
import { EndNeverSent } from '../never-sent/end-never-sent.js';
import { RebuildQueues } from '../queue-rebuild/rebuild-queues.js';
import { UndeliveredEvents } from '../queue-rebuild/undelivered-events.js';
import { ResealStored } from '../resealing/reseal-stored.js';
import type { WorkerParts, WorkerStores } from './worker-parts.js';

export function assemblePasses(parts: WorkerParts, stores: WorkerStores, gateway: GatewayClient) {
  const { config, clock, keyWatch, log, pool, redis } = parts;
  const { payments, refunds, terminals, queues, producer } = stores;
  const due = new DuePayments(pool);
  const undelivered = new UndeliveredEvents(queues, config.events.subscribers);
  const { prefix } = config.redis;
  return {
    dueSteps: new DueSteps(due, refunds, producer, clock),
    reviving: new ReviveDoubts(new Asks(pool), clock),
    neverSent: new EndNeverSent(due, payments, terminals, clock),
    resealing: new ResealStored(new SealedValues(pool), keyWatch.keys, log),
    rebuild: new RebuildQueues(new QueueWatch(pool), redis, undelivered, clock, log, prefix),
    invariants: checkInvariants(parts, stores, gateway),
  };
}

function checkInvariants(
  { config, clock, log, metrics, pool }: WorkerParts,
  { payments, refunds, terminals, queues }: WorkerStores,
  gateway: GatewayClient,
): CheckInvariants {
  const stores = { payments, refunds };
  const asks = new Asks(pool);
  return new CheckInvariants(
    {
      stored: new StoredInvariants(pool),
      queues: new QueueAgreement(queues, stores, config.events.subscribers),
      gateway: new GatewayAgreement({ ...stores, terminals, gateway, asks, clock }),
      terminals,
      clock,
      metrics,
      log,
    },
    config.invariants.gatewaySample,
  );
}
