// A waiting payment's way, hop by hop, from the spans of its trace.
import type { CollectedSpan } from '../../test/support/trace-collector.js';

/** The times of one payment, in milliseconds since 1970, as its caller measured them. */
export interface Call {
  readonly sentAt: number;
  readonly answeredAt: number;
}

/** The milliseconds of each hop, by its name, in the order in which a payment takes them. */
export type Hops = Readonly<Record<string, number>>;

/** The one span with that name, or with `at` a later one. */
function spanOf(spans: readonly CollectedSpan[], name: string, at = 0): CollectedSpan {
  const named = spans.filter((span) => span.name === name);
  const span = named.toSorted((a, b) => a.startMs - b.startMs)[at];
  if (span === undefined) throw new Error(`the trace has no span ${name}, number ${at + 1}`);
  return span;
}

/** `spans` are those of one payment's trace. */
export function hopsOf(spans: readonly CollectedSpan[], { sentAt, answeredAt }: Call): Hops {
  const accept = spanOf(spans, 'payment.accept');
  const commit = spanOf(spans, 'payment.commit');
  const submit = spanOf(spans, 'payment.submit');
  const fence = spanOf(spans, 'payment.record');
  const gateway = spanOf(spans, 'gateway.create');
  const reply = spanOf(spans, 'payment.record', 1);
  const marks: readonly (readonly [hop: string, endsAt: number])[] = [
    ['api: HTTP, key, limits', accept.startMs],
    ['api: checks, encryption', commit.startMs],
    ['api: commit of the payment', commit.endMs],
    ['job published and taken, payment loaded', submit.startMs],
    ['worker: decryption, request', fence.startMs],
    ['worker: commit of the fence', fence.endMs],
    ['worker: before the call', gateway.startMs],
    ['gateway call', gateway.endMs],
    ['worker: interpretation', reply.startMs],
    ['worker: commit of the reply', reply.endMs],
    ['signal, read, response', answeredAt],
  ];
  let from = sentAt;
  return Object.fromEntries(
    marks.map(([hop, endsAt]) => {
      const ms = endsAt - from;
      from = endsAt;
      return [hop, ms];
    }),
  );
}
