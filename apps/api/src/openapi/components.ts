// The schemas of the OpenAPI document, generated from the zod schemas that parse requests and check
// events. A schema registered here is referenced by name wherever another one uses it.
import { cardSchema } from '@quittance/cards';
import {
  eventPaymentIntentSchema,
  eventRefundSchema,
  paymentEventSchema,
  publishedEventSchema,
  refundEventSchema,
} from '@quittance/events';
import { z } from 'zod';
import { actionDoneSchema, reasonSchema } from '../ops/actions/acting-operators.js';
import { auditListSchema, proposalListSchema } from '../ops/audit/audit.controller.js';
import { doubtPageSchema } from '../ops/doubts/doubts.controller.js';
import {
  failedListSchema,
  replayedSchema,
  eventCountSchema,
  replayListSchema,
  replaySchema,
  subscribersSchema,
} from '../ops/events/events.controller.js';
import { verdictSchema } from '../ops/health/health.controller.js';
import { laneListSchema, pauseLaneSchema, setLaneSchema } from '../ops/lanes/lanes.controller.js';
import { overviewSchema, overviewSecondSchema } from '../ops/overview/overview.schema.js';
import {
  resolvePaymentSchema,
  resolveRefundSchema,
} from '../ops/payments/ops-payments.controller.js';
import { searchResultSchema, storySchema } from '../ops/payments/story.schema.js';
import {
  changedJobsSchema,
  changeFailedSchema,
  failedJobsSchema,
  queueListSchema,
} from '../ops/queues/queues.controller.js';
import { opsSessionSchema, signInSchema } from '../ops/sign-in/session.controller.js';
import { batchSchema, signedLineSchema } from '../batches/batch.schema.js';
import {
  addressSchema,
  createPaymentSchema,
  customerSchema,
  metadataSchema,
} from '../payments/create-payment.schema.js';
import { pageSchema } from '../paging.js';
import { timelineSchema } from '../payments/timeline.view.js';
import {
  publicationSchema,
  publishedJobSchema,
  publishedPaymentIntentSchema,
} from '../publishing/published-job.schema.js';
import { createRefundSchema } from '../refunds/create-refund.schema.js';
import { batchOutcomeSchema } from './batch-outcome.schema.js';
import { problemSchema } from './problem.schema.js';

const NEXT_PAGE =
  'The value for `after` to get the next page; null on the last page. A page with filters that few entries match may be ' +
  'shorter than `limit`, even empty, while `has_more` is true.';

const SCHEMAS = {
  CreatePaymentIntent: createPaymentSchema,
  Card: cardSchema,
  Customer: customerSchema,
  Address: addressSchema,
  Metadata: metadataSchema,
  PaymentIntent: eventPaymentIntentSchema,
  PaymentIntentPage: pageSchema(eventPaymentIntentSchema, NEXT_PAGE),
  Timeline: timelineSchema,
  Batch: batchSchema,
  BatchOutcome: batchOutcomeSchema,
  SignedLine: signedLineSchema,
  CreateRefund: createRefundSchema,
  Refund: eventRefundSchema,
  RefundPage: pageSchema(eventRefundSchema, NEXT_PAGE),
  PaymentEvent: paymentEventSchema,
  RefundEvent: refundEventSchema,
  Event: publishedEventSchema,
  EventPage: pageSchema(
    publishedEventSchema,
    'The value for `after` to continue. Always present: after the last page, use it to ask again later.',
  ),
  PublishedPaymentIntent: publishedPaymentIntentSchema,
  PublishedJob: publishedJobSchema,
  Publication: publicationSchema,
  SignIn: signInSchema,
  OpsSession: opsSessionSchema,
  Verdict: verdictSchema,
  Overview: overviewSchema,
  OverviewSecond: overviewSecondSchema,
  SearchResult: searchResultSchema,
  PaymentStory: storySchema,
  DoubtPage: doubtPageSchema,
  ResolvePayment: resolvePaymentSchema,
  ResolveRefund: resolveRefundSchema,
  OpsReason: reasonSchema,
  ActionDone: actionDoneSchema,
  LaneList: laneListSchema,
  PauseLane: pauseLaneSchema,
  SetLane: setLaneSchema,
  QueueList: queueListSchema,
  FailedJobs: failedJobsSchema,
  ChangeFailedJobs: changeFailedSchema,
  ChangedJobs: changedJobsSchema,
  Subscribers: subscribersSchema,
  FailedList: failedListSchema,
  EventCount: eventCountSchema,
  Replay: replaySchema,
  ReplayList: replayListSchema,
  Replayed: replayedSchema,
  AuditList: auditListSchema,
  ProposalList: proposalListSchema,
  Problem: problemSchema,
} as const;

export type ComponentName = keyof typeof SCHEMAS;
export type JsonSchema = z.core.JSONSchema.BaseSchema;

const uriOf = (name: string) => `#/components/schemas/${name}`;

/** Returns a reference to a named schema. */
export function refTo(name: ComponentName): JsonSchema {
  return { $ref: uriOf(name) };
}

/** Returns `components.schemas`. */
export function componentSchemas(): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(SCHEMAS)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { io: 'input', uri: uriOf });
  return Object.fromEntries(Object.entries(schemas).map(([name, made]) => [name, bare(made)]));
}

/** Returns an inline schema for parameters. */
export function inlineSchema(schema: z.ZodType): JsonSchema {
  return bare(z.toJSONSchema(schema, { io: 'input' }));
}

/** Removes the dialect and the id, which an OpenAPI document implies. */
function bare({ $schema: _dialect, $id: _place, ...schema }: JsonSchema): JsonSchema {
  return schema;
}
