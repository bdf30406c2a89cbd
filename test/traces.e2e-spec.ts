// Goal: a payment has one trace from its caller to the order domain, and a span says only what the
// list of attributes allows. Method: five real processes, which send their spans to a collector of
// the test.
import { randomBytes } from 'node:crypto';
import { eventually } from './support/eventually.js';
import { Orders, PaymentsApi } from './support/clients.js';
import { startTestStack, type TestStack } from './support/processes.js';
import { type CollectedSpan, TraceCollector } from './support/trace-collector.js';

const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 60_000;
/** The SDK sends every five seconds. */
const ARRIVAL = { limitMs: 40_000, everyMs: 200 };
const LIMIT_MS = 60_000;

const ALLOWED = new Set([
  'quittance.payment_id',
  'quittance.refund_id',
  'quittance.lane',
  'quittance.attempt',
  'quittance.status',
  'quittance.cause',
  'quittance.is_replayed',
  'quittance.result',
  'quittance.verdict',
  'http.response.status_code',
  'messaging.batch.message_count',
  'cloudevents.event_id',
  'cloudevents.event_type',
  'error.type',
]);

let collector: TraceCollector;
let testStack: TestStack;
let orders: Orders;
beforeAll(async () => {
  collector = await new TraceCollector().start();
  testStack = await startTestStack({
    extra: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, LOG_LEVEL: 'debug' },
  });
  orders = new Orders(testStack.stack.urls.orders);
}, START_LIMIT_MS);
afterAll(async () => {
  await testStack?.stop();
  await collector.stop();
}, STOP_LIMIT_MS);

const aTraceId = () => randomBytes(16).toString('hex');

/** Sends a request with a trace of the caller's own. */
async function post(path: string, body: string, headers: Record<string, string>): Promise<void> {
  const { stack, merchant } = testStack;
  const response = await fetch(stack.urls.api + path, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${merchant.apiKey}`,
      'content-type': 'application/json',
      ...headers,
    },
    body,
  });
  const text = await response.text();
  expect([response.status, response.ok ? '' : text]).toEqual([response.status, '']);
}

const request = (reference: string) => ({
  reference,
  terminal: 'main',
  amount: '11.11',
  currency: 'EUR',
  method: 'CC',
  product_name: 'Two tickets',
  return_url: 'https://shop.example/return',
  card: { number: '4012000033330026', cvv: '123', exp_month: '01', exp_year: '30' },
});

const traceparent = (traceId: string, spanId = '00f067aa0ba902b7') => `00-${traceId}-${spanId}-01`;

/** Waits until the spans of a trace contain each of these names. */
async function traceWith(traceId: string, names: readonly string[]): Promise<CollectedSpan[]> {
  return eventually(() => {
    const spans = collector.spans().filter((span) => span.traceId === traceId);
    expect(new Set(spans.map(({ name }) => name))).toEqual(new Set(names));
    return spans;
  }, ARRIVAL);
}

const OF_A_PAYMENT = [
  'payment.accept',
  'payment.commit',
  'payment.submit',
  'payment.record',
  'gateway.create',
  'event.handle',
];

it(
  'continues the trace of the caller, through all processes, to the order domain',
  async () => {
    const traceId = aTraceId();
    const reference = `trace-${traceId}`;
    await post('/v1/payment-intents', JSON.stringify(request(reference)), {
      traceparent: traceparent(traceId),
    });
    await orders.until(reference, 3);
    const spans = await traceWith(traceId, OF_A_PAYMENT);
    const service = (name: string) => spans.find((span) => span.name === name)?.service;
    expect(service('payment.accept')).toBe('quittance-api');
    expect(service('gateway.create')).toBe('quittance-worker');
    expect(service('event.handle')).toBe('quittance-orders');
    // The first one's parent is the caller's span; every other has its parent in the trace.
    const ids = new Set(spans.map(({ spanId }) => spanId));
    const outside = spans.filter(({ parentSpanId }) => !ids.has(parentSpanId ?? ''));
    expect(outside.map(({ name, parentSpanId }) => [name, parentSpanId])).toEqual([
      ['payment.accept', '00f067aa0ba902b7'],
    ]);
    expect(spans.filter(({ isFailed }) => isFailed)).toEqual([]);
    // One event for each transition: queued, submitting, succeeded.
    expect(spans.filter(({ name }) => name === 'event.handle')).toHaveLength(3);
  },
  LIMIT_MS,
);

it(
  'gives each payment of a batch a trace of its own, linked to the caller’s',
  async () => {
    const traceId = aTraceId();
    const references = [`line-1-${traceId}`, `line-2-${traceId}`];
    const lines = references.map((reference) => JSON.stringify(request(reference)));
    await post('/v1/payment-intents/batch', `${lines.join('\n')}\n`, {
      'content-type': 'application/x-ndjson',
      traceparent: traceparent(traceId),
    });
    for (const reference of references) await orders.until(reference, 3);
    const accepted = await eventually(() => {
      const linked = collector
        .spans()
        .filter(({ name, links }) => name === 'payment.accept' && links.includes(traceId));
      expect(linked).toHaveLength(2);
      return linked;
    }, ARRIVAL);
    expect(new Set(accepted.map((span) => span.traceId)).size).toBe(2);
    for (const span of accepted) {
      expect(span.parentSpanId ?? '').toBe('');
      await traceWith(span.traceId, OF_A_PAYMENT);
    }
  },
  LIMIT_MS,
);

it(
  'links what carries many payments to the trace of each',
  async () => {
    const traceId = aTraceId();
    const reference = `links-${traceId}`;
    await post('/v1/payment-intents', JSON.stringify(request(reference)), {
      traceparent: traceparent(traceId),
    });
    await eventually(() => {
      for (const name of ['outbox.relay', 'events.receive']) {
        const linked = collector
          .spans()
          .filter((span) => span.name === name && span.links.includes(traceId));
        expect([name, linked.length > 0]).toEqual([name, true]);
        for (const span of linked) expect(span.traceId).not.toBe(traceId);
      }
    }, ARRIVAL);
  },
  LIMIT_MS,
);

it(
  'begins a trace for a caller that has none, or whose header is no traceparent',
  async () => {
    const headers = [
      '',
      '00-00000000000000000000000000000000-00f067aa0ba902b7-01',
      'ff-x',
      '1'.repeat(5000),
    ];
    for (const [at, header] of headers.entries()) {
      const reference = `none-${at}-${aTraceId()}`;
      const sent = header === '' ? {} : { traceparent: header };
      await post('/v1/payment-intents', JSON.stringify(request(reference)), sent);
      await orders.until(reference, 3);
    }
  },
  LIMIT_MS,
);

it('says nothing in a span that is not on the list', () => {
  const spans = collector.spans();
  expect(spans.length).toBeGreaterThan(30);
  const names = new Set(spans.flatMap(({ attributes }) => Object.keys(attributes)));
  expect([...names].filter((name) => !ALLOWED.has(name))).toEqual([]);
  expect(spans.flatMap(({ events }) => events)).toEqual([]);
});

it(
  'sends the last spans when a process stops',
  async () => {
    const traceId = aTraceId();
    const reference = `stop-${traceId}`;
    await post('/v1/payment-intents', JSON.stringify(request(reference)), {
      traceparent: traceparent(traceId),
    });
    await orders.until(reference, 3);
    await testStack.stack.process('orders')?.stop();
    const handled = collector
      .spans()
      .filter((span) => span.traceId === traceId && span.name === 'event.handle');
    expect(handled).toHaveLength(3);
  },
  LIMIT_MS,
);

it(
  'submits payments while the collector hangs, and while it is away',
  async () => {
    const { merchant, stack } = testStack;
    const api = new PaymentsApi(stack.urls.api, merchant.apiKey);
    for (const fail of [async () => collector.hang(), () => collector.stop()]) {
      await fail();
      const { payment } = await api.create(request(`away-${aTraceId()}`));
      await api.until(payment.id, ({ status }) => status === 'succeeded', 'succeeded');
    }
  },
  LIMIT_MS,
);
