// Sends this process's spans to a collector, over OTLP/HTTP. The SDK is loaded only when a
// collector is configured: without one it costs neither memory nor start-up time.
import { context, diag, trace } from '@opentelemetry/api';
import type { SectionValues } from '../config/config.js';
import { optional } from '../config/variable.js';
import { fraction } from '../config/number-variables.js';
import { url } from '../config/text-variables.js';
import type { Logger } from '../logging.js';
import { OutageLog } from '../outage-log.js';
import { within } from '../within.js';

/**
 * The section `traces` of an app. The names are OpenTelemetry's; the exporter reads its other
 * variables (`OTEL_EXPORTER_OTLP_HEADERS`, …) itself.
 */
export const tracesSection = {
  endpoint: optional(
    url('OTEL_EXPORTER_OTLP_ENDPOINT', {
      description: 'collector that receives traces over OTLP/HTTP; without one there are none',
    }),
  ),
  sampledFraction: fraction('OTEL_TRACES_SAMPLER_ARG', {
    description: 'fraction of the traces to send; a caller that has decided for its own decides',
    default: 1,
  }),
};

/** The traces of a process. */
export interface TraceExport {
  /** Sends the spans that are still in memory, for a few seconds at most. Never rejects. */
  readonly stop: () => Promise<void>;
}

/** A stop does not wait longer for the collector. */
const LAST_SPANS_WITHIN_MS = 3_000;
/** One call to the collector. Spans wait in memory meanwhile, up to the limit of the SDK. */
const EXPORT_TIMEOUT_MS = 5_000;

/** Starts to send spans, if a collector is configured. Call it once per process, before the app. */
export async function startTraceExport(
  name: string,
  { endpoint, sampledFraction }: SectionValues<typeof tracesSection>,
  logger: Logger,
): Promise<TraceExport> {
  if (endpoint === undefined) return { stop: async () => {} };
  const [sdk, { OTLPTraceExporter }, { resourceFromAttributes }, hooks] = await Promise.all([
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/context-async-hooks'),
  ]);
  const exporter = new OTLPTraceExporter({
    url: `${endpoint}/v1/traces`,
    timeoutMillis: EXPORT_TIMEOUT_MS,
  });
  const provider = new sdk.TracerProvider({
    resource: resourceFromAttributes({ 'service.name': `quittance-${name}` }),
    sampler: new sdk.ParentBasedSampler({
      root: new sdk.TraceIdRatioBasedSampler(sampledFraction),
    }),
    spanProcessors: [
      new sdk.BatchSpanProcessor({ exporter, exportTimeoutMillis: EXPORT_TIMEOUT_MS }),
    ],
  });
  reportTo(logger);
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new hooks.AsyncLocalStorageContextManager().enable());
  logger.info({ sampledFraction }, 'traces are sent to the collector');
  return {
    stop: () => within(LAST_SPANS_WITHIN_MS, provider.shutdown()).catch(() => undefined),
  };
}

/** Reports once that the collector is unavailable. Its errors may quote addresses and bodies. */
function reportTo(logger: Logger): void {
  const outage = new OutageLog(logger, 'warn', {
    failed: 'spans could not be sent to the collector',
    over: 'spans are sent to the collector again',
  });
  const fail = () => outage.failed('the collector is unavailable, or refuses them');
  const ignore = () => undefined;
  diag.setLogger({ error: fail, warn: ignore, info: ignore, debug: ignore, verbose: ignore });
}
