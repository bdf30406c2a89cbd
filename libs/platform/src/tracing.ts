// One trace per payment, from the caller's request to the order domain, by the API of OpenTelemetry
// alone: without an SDK (process/trace-export.ts) a span costs next to nothing and goes nowhere. A
// trace crosses processes as a `traceparent` (W3C Trace Context §3.2): on the payment's row, on its
// messages, and on its events.
import {
  type Context,
  context,
  isSpanContextValid,
  type Link,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { errorCodeOf } from './error-code.js';
import { Fault } from './faults.js';

/**
 * Everything that a span may say. Ids, words of our own and numbers: a span leaves the system, so
 * it has no field into which a body, an address or an error's message would fit.
 */
export interface SpanAttributes {
  readonly 'quittance.payment_id'?: string;
  readonly 'quittance.refund_id'?: string;
  readonly 'quittance.lane'?: string;
  readonly 'quittance.attempt'?: number;
  readonly 'quittance.status'?: string;
  readonly 'quittance.cause'?: string;
  readonly 'quittance.is_replayed'?: boolean;
  /** Of a call to the gateway: replied, notSent or noReply. */
  readonly 'quittance.result'?: string;
  /** The result of a callback. */
  readonly 'quittance.verdict'?: string;
  readonly 'http.response.status_code'?: number;
  readonly 'messaging.batch.message_count'?: number;
  readonly 'cloudevents.event_id'?: string;
  readonly 'cloudevents.event_type'?: string;
}

/** The options of {@link inSpan}. */
export interface SpanOptions {
  readonly kind?: keyof typeof KINDS;
  /**
   * The traceparent of the span's parent; null begins a trace. Default: the span in progress. A
   * text that is no traceparent counts as null.
   */
  readonly parent?: string | null | undefined;
  /** Traceparents of the traces that the span also works for. */
  readonly links?: readonly (string | null | undefined)[];
  readonly attributes?: SpanAttributes;
}

/** A span in progress, as far as its code may change it. */
export interface TracedSpan {
  set(attributes: SpanAttributes): void;
  /** Links the span to a trace that is known only now. */
  link(traceparent: string | null): void;
}

const KINDS = {
  internal: SpanKind.INTERNAL,
  client: SpanKind.CLIENT,
  consumer: SpanKind.CONSUMER,
  producer: SpanKind.PRODUCER,
  server: SpanKind.SERVER,
} as const;

const TRACER = 'quittance';

/** The longest list of links. A batch of messages has more traces than a person can follow. */
const LINKS_MAX = 128;

/**
 * Runs `run` in a span that ends with it. A rejection marks the span as failed, with the error's
 * code or class and never its message.
 */
export function inSpan<T>(
  name: string,
  options: SpanOptions,
  run: (span: TracedSpan) => Promise<T>,
): Promise<T> {
  const { kind = 'internal', attributes = {}, links = [] } = options;
  const settings = { kind: KINDS[kind], attributes: { ...attributes }, links: linksTo(links) };
  return trace
    .getTracer(TRACER)
    .startActiveSpan(name, settings, parentContext(options), async (span) => {
      try {
        return await run(tracedSpan(span));
      } catch (error) {
        span.setAttribute('error.type', typeOf(error));
        span.setStatus({ code: SpanStatusCode.ERROR });
        throw error;
      } finally {
        span.end();
      }
    });
}

/** The options of a span for a batch of many payments, linked to the trace of each. */
export function batchSpan(
  kind: 'consumer' | 'producer',
  traceparents: readonly (string | null | undefined)[],
): SpanOptions {
  const attributes = { 'messaging.batch.message_count': traceparents.length };
  return { kind, parent: null, links: traceparents, attributes };
}

/** Returns the traceparent of the span in progress; null outside of a trace. */
export function currentTraceparent(): string | null {
  const active = trace.getActiveSpan()?.spanContext();
  if (!active || !isSpanContextValid(active)) return null;
  const flags = (active.traceFlags & 0xff).toString(16).padStart(2, '0');
  return `00-${active.traceId}-${active.spanId}-${flags}`;
}

/** Returns the ids of the span in progress for a log line, or nothing outside of a trace. */
export function currentTraceIds(): { readonly trace_id?: string; readonly span_id?: string } {
  const active = trace.getActiveSpan()?.spanContext();
  if (!active || !isSpanContextValid(active)) return {};
  return { trace_id: active.traceId, span_id: active.spanId };
}

function tracedSpan(span: Span): TracedSpan {
  return {
    set: (attributes) => void span.setAttributes({ ...attributes }),
    link: (traceparent) => void span.addLinks(linksTo([traceparent])),
  };
}

function parentContext({ parent }: SpanOptions): Context {
  if (parent === undefined) return context.active();
  const remote = spanContextOf(parent);
  return remote ? trace.setSpanContext(ROOT_CONTEXT, remote) : ROOT_CONTEXT;
}

function linksTo(traceparents: readonly (string | null | undefined)[]): Link[] {
  return traceparents
    .slice(0, LINKS_MAX)
    .map(spanContextOf)
    .flatMap((linked) => (linked ? [{ context: linked }] : []));
}

/** Version 00 of the header. A higher version begins with the same parts and may have more. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?=$|-)/;

function spanContextOf(traceparent: string | null | undefined): SpanContext | undefined {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  const read = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return isSpanContextValid(read) ? read : undefined;
}

function typeOf(error: unknown): string {
  if (error instanceof Fault) return error.code;
  return errorCodeOf(error) ?? (error instanceof Error ? error.name : typeof error);
}
