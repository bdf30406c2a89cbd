// The schemas of the OpenAPI document, made from the very zod schemas that requests are read with
// and events are checked against. A schema that is registered here is referred to by name wherever
// another one uses it.
import { cardSchema } from '@quittance/cards';
import { eventPaymentIntentSchema, paymentEventSchema } from '@quittance/events';
import { z } from 'zod';
import {
  addressSchema,
  createPaymentSchema,
  customerSchema,
  metadataSchema,
} from '../payments/create-payment.schema.js';
import { pageSchema } from '../paging.js';
import { timelineSchema } from '../payments/timeline.view.js';
import { createRefundSchema, refundSchema } from '../refunds/create-refund.schema.js';
import { problemSchema } from './problem.schema.js';

const SCHEMAS = {
  CreatePaymentIntent: createPaymentSchema,
  Card: cardSchema,
  Customer: customerSchema,
  Address: addressSchema,
  Metadata: metadataSchema,
  PaymentIntent: eventPaymentIntentSchema,
  PaymentIntentPage: pageSchema(
    eventPaymentIntentSchema,
    'What `after` continues with; null on the last page.',
  ),
  Timeline: timelineSchema,
  CreateRefund: createRefundSchema,
  Refund: refundSchema,
  Event: paymentEventSchema,
  EventPage: pageSchema(
    paymentEventSchema,
    'What `after` continues with. Always there: on the last page it is where to ask again later.',
  ),
  Problem: problemSchema,
} as const;

export type ComponentName = keyof typeof SCHEMAS;
export type JsonSchema = z.core.JSONSchema.BaseSchema;

const uriOf = (name: string) => `#/components/schemas/${name}`;

/** A reference to a named schema. */
export function refTo(name: ComponentName): JsonSchema {
  return { $ref: uriOf(name) };
}

/** `components.schemas`. */
export function componentSchemas(): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(SCHEMAS)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { io: 'input', uri: uriOf });
  return Object.fromEntries(Object.entries(schemas).map(([name, made]) => [name, bare(made)]));
}

/** A schema in place, for parameters. */
export function inlineSchema(schema: z.ZodType): JsonSchema {
  return bare(z.toJSONSchema(schema, { io: 'input' }));
}

/** Inside an OpenAPI document the dialect and the place of a schema are known. */
function bare({ $schema: _dialect, $id: _place, ...schema }: JsonSchema): JsonSchema {
  return schema;
}
