// The overview of the operations page: series of a range, and one second at a time.
import { type LiveSecond, type Overview, OVERVIEW_RANGES } from '@quittance/operations';
import { z } from 'zod';

const RANGES = Object.keys(OVERVIEW_RANGES) as (keyof typeof OVERVIEW_RANGES)[];

export const overviewQuery = z.strictObject({
  range: z.enum(RANGES).default('1h').meta({ description: 'The length of time up to now.' }),
});

const count = z.int().min(0);
const seconds = z.number().min(0);
const counts = z.array(count);
const gappy = z.array(z.number().min(0).nullable());

const KNOWN = 'Null while no worker writes it.';
const OLDEST_QUEUED = `Age of the oldest queued payment in seconds; 0 when there is none. ${KNOWN}`;
const IN_DOUBT = `Payments and refunds in doubt. ${KNOWN}`;
const IN_DOUBT_OLDEST = `Age of the oldest of them in seconds; 0 when there is none. ${KNOWN}`;
const QUEUED = `Payments that wait to be sent; at most 100,000 of a lane are counted. ${KNOWN}`;
const DECLINED = 'Ended payments that the gateway declined or blocked.';

export const overviewSchema = z
  .object({
    object: z.literal('overview'),
    range: z.enum(RANGES),
    step_seconds: count.meta({ description: 'The length of a step.' }),
    from: z.iso.datetime(),
    to: z.iso.datetime().meta({ description: 'The end of the last complete step.' }),
    times: counts.meta({ description: 'The beginning of each step, in seconds since 1970.' }),
    accepted: counts.meta({ description: 'Accepted payments.' }),
    sent: counts.meta({ description: 'Payments with their first attempt.' }),
    ended: counts.meta({ description: 'Payments with their first end.' }),
    succeeded: counts.meta({ description: 'Ended payments that succeeded.' }),
    declined: counts.meta({ description: DECLINED }),
    approval_rate: z.array(z.number().min(0).max(1).nullable()).meta({
      description:
        'Share (0 to 1) of succeeded payments among those that succeeded or were declined or blocked; null without any.',
    }),
    final_p50_ms: gappy.meta({
      description:
        'Median of the time from acceptance to the end, in milliseconds; null without an end.',
    }),
    final_p95_ms: gappy.meta({ description: 'Its 95th percentile.' }),
    gateway_replied: counts.meta({ description: 'Calls to the gateway with a reply.' }),
    gateway_not_sent: counts.meta({ description: 'Calls that did not reach it.' }),
    gateway_no_reply: counts.meta({ description: 'Calls without a usable reply.' }),
    in_doubt: gappy.meta({ description: IN_DOUBT }),
    in_doubt_oldest_seconds: gappy.meta({ description: IN_DOUBT_OLDEST }),
    queued: gappy.meta({ description: QUEUED }),
    oldest_queued_seconds: gappy.meta({ description: OLDEST_QUEUED }),
    lanes: z
      .array(z.object({ lane: z.string(), queued: gappy, oldest_queued_seconds: gappy }))
      .meta({
        description: 'The lanes with queued payments in the range, deepest first; 20 at most.',
      }),
  })
  .meta({
    description:
      'Series over a range. Every array has an entry per step, in the order of `times`: counts are sums over the step, gauges its maximum.',
  }) satisfies z.ZodType<Overview>;

export const overviewSecondSchema = z
  .object({
    at: count.meta({ description: 'The beginning of the second, in seconds since 1970.' }),
    accepted: count,
    sent: count,
    ended: count,
    succeeded: count,
    declined: count.meta({ description: DECLINED }),
    gateway_replied: count,
    gateway_not_sent: count,
    gateway_no_reply: count,
    in_doubt: count.nullable().meta({ description: IN_DOUBT }),
    in_doubt_oldest_seconds: seconds.nullable().meta({ description: IN_DOUBT_OLDEST }),
    queued: count.nullable().meta({ description: QUEUED }),
    oldest_queued_seconds: seconds.nullable().meta({ description: OLDEST_QUEUED }),
    lanes: z
      .array(z.object({ lane: z.string(), queued: count, oldest_queued_seconds: seconds }))
      .meta({ description: 'The lanes with queued payments, deepest first; 20 at most.' }),
  })
  .meta({
    description: 'One second: its counts, and the newest gauges.',
  }) satisfies z.ZodType<LiveSecond>;
