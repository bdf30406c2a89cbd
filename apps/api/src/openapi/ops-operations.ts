// The operations of operators, as described to them.
import { auditQuery } from '../ops/audit/audit.controller.js';
import { doubtsQuery } from '../ops/doubts/doubts.controller.js';
import { countQuery, failedQuery } from '../ops/events/events.controller.js';
import { failedJobsQuery } from '../ops/queues/queues.controller.js';
import { overviewQuery } from '../ops/overview/overview.schema.js';
import { searchQuery } from '../ops/payments/ops-payments.controller.js';
import {
  answer,
  eventStream,
  header,
  json,
  type OperationObject,
  pathParameter,
  type PathsObject,
  problems,
  queryParameters,
} from './operation.js';
import { acts, changes, ofOperators, OPERATORS_TAGS, reads } from './ops-operation.js';

const COOKIE = { 'Set-Cookie': header('The session’s cookie.') };

const signIn: OperationObject = {
  operationId: 'signInOperator',
  summary: 'Sign in at the operations page',
  description:
    'For browsers: opens a session with a key and sets its cookie. Machines send an ops key as bearer instead. Requires an `Origin` of our own.',
  tags: OPERATORS_TAGS,
  security: [],
  requestBody: { required: true, content: json('SignIn') },
  responses: {
    200: answer('The session.', json('OpsSession'), COOKIE),
    ...problems(400, 401, 413, 415, 422, 429, 503),
    ...changes,
  },
};

const signOut: OperationObject = {
  operationId: 'signOutOperator',
  summary: 'Sign out',
  description: 'Ends the session of the cookie, if there is one, and deletes the cookie.',
  tags: OPERATORS_TAGS,
  security: [],
  responses: {
    204: { description: 'The session is over.', headers: COOKIE },
    ...problems(429, 503),
    ...changes,
  },
};

const PAYMENT = 'The id of a payment, `pi_…`.';
const LANE = { id: 'The name of a lane.', idName: 'name' };
const QUEUE = { id: 'The name of a queue.', idName: 'queue' };
const PROPOSAL = 'The id of a proposal, `prp_…`.';
const FOUR_EYES = 'Above `FOUR_EYES_ABOVE` it is proposed, and a second operator approves it.';

export const opsPaths: PathsObject = {
  '/v1/ops/session': {
    post: signIn,
    get: reads('getOperatorSession', 'The caller', 'OpsSession', {
      description: 'The name in the audit, and the rights.',
    }),
    delete: signOut,
  },
  '/v1/ops/health': {
    get: reads('getVerdict', 'The state of the installation in three sentences', 'Verdict', {
      description:
        'Is work starting, do payments end well, is this data fresh: each with its reason and the next step of a person.',
    }),
  },
  '/v1/ops/overview': {
    get: reads('getOverview', 'The series of the charts', 'Overview', {
      description:
        'From samples of complete steps: a read counts no payments. A step appears three seconds after its end; one of an hour or more after two minutes.',
      parameters: queryParameters(overviewQuery),
      faults: [422],
    }),
  },
  '/v1/ops/overview/live': {
    get: {
      operationId: 'followOverview',
      summary: 'Each second as a server-sent event',
      description:
        'Events `second`; the schema is that of their `data`. The stream ends within seconds of its session or key. Beyond 200 streams of a process, or 20 of a caller, 503 `too_many_listeners`.',
      ...ofOperators('ops:read'),
      responses: {
        200: answer('A stream without end.', eventStream('OverviewSecond')),
        ...problems(401, 403, 429, 503),
      },
    },
  },
  '/v1/ops/search': {
    get: reads('searchPayments', 'Payments of all merchants with a text', 'SearchResult', {
      description: 'By one text, bare; `form` says how it was read.',
      parameters: queryParameters(searchQuery).map((one) => ({ ...one, required: true })),
      faults: [422],
    }),
  },
  '/v1/ops/payments/{id}': {
    get: reads('getPaymentStory', 'The whole story of a payment', 'PaymentStory', {
      description:
        'The facts of `quittance explain`, and the deliveries of its events that failed.',
      parameters: [pathParameter('id', PAYMENT)],
      faults: [404],
    }),
  },
  '/v1/ops/payments/{id}/inquire': {
    post: acts('inquireNow', 'Ask the gateway about a payment now', 'OpsReason', {
      description: 'Makes the inquiry due that would come later. It changes no schedule.',
      id: PAYMENT,
    }),
  },
  '/v1/ops/payments/{id}/resolve': {
    post: acts('resolvePayment', 'End a payment’s doubt with evidence', 'ResolvePayment', {
      description: `A later report from the gateway still overrides it. ${FOUR_EYES}`,
      id: PAYMENT,
    }),
  },
  '/v1/ops/refunds/{id}/resolve': {
    post: acts('resolveRefund', 'End a refund’s doubt with evidence', 'ResolveRefund', {
      description: FOUR_EYES,
      id: 'The id of a refund, `re_…`.',
    }),
  },
  '/v1/ops/doubts': {
    get: reads('listDoubts', 'Payments and refunds in doubt, oldest first', 'DoubtPage', {
      description: 'Each with the evidence about it.',
      parameters: queryParameters(doubtsQuery),
      faults: [422],
    }),
  },
  '/v1/ops/lanes': {
    get: reads('listLanes', 'The lanes, and what holds each back', 'LaneList', {
      description: 'With settings, workers, backlog and pace.',
    }),
  },
  '/v1/ops/lanes/{name}': {
    patch: acts('setLane', 'Change the limits of a lane', 'SetLane', {
      description: 'For all workers together; they apply it within two seconds.',
      ...LANE,
    }),
  },
  '/v1/ops/lanes/{name}/pause': {
    post: acts('pauseLane', 'Stop submitting the payments of a lane', 'PauseLane', {
      description: 'They stay queued until their deadline. Inquiries and refunds continue.',
      ...LANE,
    }),
  },
  '/v1/ops/lanes/{name}/resume': {
    post: acts('resumeLane', 'Submit the payments of a paused lane again', 'OpsReason', {
      description: 'Workers continue within two seconds.',
      ...LANE,
    }),
  },
  '/v1/ops/queues': {
    get: reads('listQueues', 'The queues', 'QueueList', {
      description: 'Those of each lane and subscriber, and those of every deployment.',
    }),
  },
  '/v1/ops/queues/{queue}/failed': {
    get: reads('listFailedJobs', 'Failed jobs of a queue, by reason', 'FailedJobs', {
      description:
        'Without data of payments. `matches` and `until` are what a retry or a discard confirms.',
      parameters: [pathParameter('queue', QUEUE.id), ...queryParameters(failedJobsQuery)],
      faults: [404, 422],
    }),
  },
  '/v1/ops/queues/{queue}/failed/retry': {
    post: acts(
      'retryFailedJobs',
      'Return the counted failed jobs to their queue',
      'ChangeFailedJobs',
      {
        description: 'Harmless to repeat: a job is a hint, and Postgres decides what is due.',
        ...QUEUE,
        result: 'ChangedJobs',
      },
    ),
  },
  '/v1/ops/queues/{queue}/failed/discard': {
    post: acts('discardFailedJobs', 'Remove the counted failed jobs', 'ChangeFailedJobs', {
      description:
        'Nothing accepted is lost: a step comes due again, and events stay in Postgres for a replay.',
      ...QUEUE,
      result: 'ChangedJobs',
    }),
  },
  '/v1/ops/events/subscribers': {
    get: reads('listSubscribers', 'The subscribers of events', 'Subscribers', {
      description: 'With their lag and the number of failed entries.',
    }),
  },
  '/v1/ops/events/failed': {
    get: reads('listFailedEvents', 'Events that subscribers could not process', 'FailedList', {
      description: 'They wait until the handler is mended and an operator replays them.',
      parameters: queryParameters(failedQuery),
      faults: [422],
    }),
  },
  '/v1/ops/events/count': {
    get: reads('countEvents', 'The events that a replay of a time would publish', 'EventCount', {
      description:
        'The dry run of `replayEvents` with `from`. A 409 `action_refused` says why the time is none.',
      parameters: queryParameters(countQuery),
      faults: [409, 422],
    }),
  },
  '/v1/ops/events/replays': {
    get: reads('listReplays', 'Replays of a time, newest first', 'ReplayList', {
      description: 'With the number of events published so far.',
    }),
  },
  '/v1/ops/events/replay': {
    post: acts('replayEvents', 'Put events back on their queue', 'Replay', {
      description:
        'Failed entries are back at once; the worker publishes the events of a time in small batches, in their order. Subscribers ignore events that they have already processed. Above `FOUR_EYES_BULK_ABOVE` entries or events it is proposed.',
      result: 'Replayed',
    }),
  },
  '/v1/ops/audit': {
    get: reads('listAudit', 'Actions of operators, newest first', 'AuditList', {
      description: '`quittance audit verify` checks the chain.',
      parameters: queryParameters(auditQuery),
      faults: [422],
    }),
  },
  '/v1/ops/proposals': {
    get: reads('listProposals', 'Proposals that wait for a second operator', 'ProposalList', {
      description: 'Those that can still be decided, oldest first.',
    }),
  },
  '/v1/ops/proposals/{id}/approve': {
    post: acts('approveProposal', 'Carry out another operator’s proposal', 'OpsReason', {
      description: 'Only a registered operator can, and not the one who proposed it.',
      id: PROPOSAL,
    }),
  },
  '/v1/ops/proposals/{id}/withdraw': {
    post: acts('withdrawProposal', 'End a proposal without carrying it out', 'OpsReason', {
      description: 'Nothing is changed.',
      id: PROPOSAL,
    }),
  },
};
