import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { InvalidRequest } from './faults.js';
import { createLogger } from './logging.js';
import { currentTraceparent, inSpan } from './tracing.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';
const REMOTE = `00-${TRACE}-${PARENT}-01`;

describe('without an SDK', () => {
  it('runs the code, and passes the caller’s trace on', async () => {
    expect(await inSpan('a', {}, async () => 7)).toBe(7);
    expect(currentTraceparent()).toBeNull();
  });
});

describe('with an SDK', () => {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
  beforeAll(() => {
    trace.setGlobalTracerProvider(provider);
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  });
  beforeEach(() => exporter.reset());
  afterAll(async () => {
    trace.disable();
    context.disable();
    await provider.shutdown();
  });

  it('nests spans, and continues a trace from its traceparent', async () => {
    const inner = await inSpan('outer', { parent: REMOTE }, () =>
      inSpan('inner', {}, async () => currentTraceparent()),
    );
    const [second, first] = exporter.getFinishedSpans();
    expect(first?.parentSpanContext?.spanId).toBe(PARENT);
    expect(second?.parentSpanContext?.spanId).toBe(first?.spanContext().spanId);
    expect(inner).toBe(`00-${TRACE}-${second?.spanContext().spanId}-01`);
  });

  it('begins a trace where it is asked for, within a span too', async () => {
    await inSpan('outer', { parent: REMOTE }, () => inSpan('own', { parent: null }, async () => 0));
    const [own] = exporter.getFinishedSpans();
    expect(own?.parentSpanContext).toBeUndefined();
    expect(own?.spanContext().traceId).not.toBe(TRACE);
  });

  it.each([
    ['', false],
    ['nonsense', false],
    [`00-${TRACE}-${PARENT}`, false],
    [`00-${TRACE.toUpperCase()}-${PARENT}-01`, false],
    [`00-${'0'.repeat(32)}-${PARENT}-01`, false],
    [`00-${TRACE}-${'0'.repeat(16)}-01`, false],
    [`ff-${TRACE}-${PARENT}-01`, false],
    [`${REMOTE}x`, false],
    [`${REMOTE}, ${REMOTE}`, false],
    [` ${REMOTE}`, false],
    [REMOTE, true],
    [`01-${TRACE}-${PARENT}-01-more`, true],
  ])('reads the traceparent "%s": %s', async (parent, isRead) => {
    await inSpan('a', { parent, links: [parent] }, async () => 0);
    const [span] = exporter.getFinishedSpans();
    expect(span?.spanContext().traceId === TRACE).toBe(isRead);
    expect(span?.links).toHaveLength(isRead ? 1 : 0);
  });

  it('links at most 128 traces', async () => {
    await inSpan('a', { links: Array.from({ length: 500 }, () => REMOTE) }, async () => 0);
    expect(exporter.getFinishedSpans()[0]?.links).toHaveLength(128);
  });

  it('marks a failed span with the code or the class of its error, never with its message', async () => {
    const refused = new InvalidRequest('bad_thing', 'card 4012000033330026');
    const coded = Object.assign(new Error('secret'), { code: 'ECONNREFUSED' });
    for (const error of [refused, coded, new TypeError('secret')])
      await expect(inSpan('a', {}, () => Promise.reject(error))).rejects.toBe(error);
    const spans = exporter.getFinishedSpans();
    expect(spans.map(({ attributes }) => attributes['error.type'])).toEqual([
      'bad_thing',
      'ECONNREFUSED',
      'TypeError',
    ]);
    const said = spans.map(({ attributes, events, status }) => ({ attributes, events, status }));
    expect(JSON.stringify(said)).not.toMatch(/secret|4012/);
  });

  it('puts the ids of the span in progress into log lines', async () => {
    const lines: string[] = [];
    const destination = { write: (line: string) => void lines.push(line) };
    const log = createLogger({ name: 'test', destination });
    log.info('outside');
    await inSpan('a', { parent: REMOTE }, async () => log.info({ field: 1 }, 'inside'));
    const spanId = exporter.getFinishedSpans()[0]?.spanContext().spanId;
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { msg: 'outside' },
      { msg: 'inside', field: 1, trace_id: TRACE, span_id: spanId },
    ]);
    expect(lines[0]).not.toContain('trace_id');
  });
});
