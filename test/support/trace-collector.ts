// A collector of traces: receives what the processes send over OTLP/HTTP, as JSON.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A span as OTLP's JSON encoding has it, with its attributes and links in a shorter form. */
export interface CollectedSpan {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  /** The ids of the linked traces. */
  readonly links: readonly string[];
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly isFailed: boolean;
  /** Milliseconds since 1970; a start is cut to whole ones by the SDK. */
  readonly startMs: number;
  readonly endMs: number;
  /** Its own events, such as exceptions, which may quote anything. */
  readonly events: readonly unknown[];
}

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface WireSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  /** Nanoseconds since 1970. */
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly links?: readonly { readonly traceId: string }[];
  readonly attributes?: readonly Attribute[];
  readonly status?: { readonly code?: number };
  readonly events?: readonly unknown[];
}

interface ExportRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly WireSpan[] }[];
  }[];
}

/** OTLP's `STATUS_CODE_ERROR`. */
const FAILED = 2;

export class TraceCollector {
  /** Every body that arrived. */
  readonly bodies: Buffer[] = [];
  #hangs = false;
  readonly #server = createServer((request, response) => {
    void this.#receive(request).then(() => {
      if (this.#hangs) return;
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });

  /** The value for `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  /** From now on it takes requests and responds to none. */
  hang(): void {
    this.#hangs = true;
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** The spans that have arrived. */
  spans(): CollectedSpan[] {
    return this.bodies.flatMap((body) => spansOf(JSON.parse(body.toString()) as ExportRequest));
  }

  async #receive(request: IncomingMessage): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.url === '/v1/traces') this.bodies.push(Buffer.concat(chunks));
  }
}

function spansOf({ resourceSpans }: ExportRequest): CollectedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(valuesOf(resource.attributes)['service.name']);
    return scopeSpans.flatMap(({ spans }) =>
      spans.map(({ name, traceId, spanId, parentSpanId, ...span }) => ({
        service,
        name,
        traceId,
        spanId,
        parentSpanId,
        links: (span.links ?? []).map((link) => link.traceId),
        attributes: valuesOf(span.attributes ?? []),
        isFailed: span.status?.code === FAILED,
        startMs: millisecondsOf(span.startTimeUnixNano),
        endMs: millisecondsOf(span.endTimeUnixNano),
        events: span.events ?? [],
      })),
    );
  });
}

const millisecondsOf = (nanoseconds: string) => Number(BigInt(nanoseconds) / 1_000n) / 1_000;

function valuesOf(attributes: readonly Attribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
