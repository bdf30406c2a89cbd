// Posts webhooks as the gateway does: one attempt, the response ignored, failures swallowed
// (protocol §6.2). Connections are reused, because a load run sends about a thousand webhooks per
// second.
import { Injectable } from '@nestjs/common';
import { Logger, Metrics } from '@quittance/platform';
import { Agent } from 'undici';

/**
 * The gateway sets no timeout; this one ends a receiver that never responds, so that a test run
 * cannot hang.
 */
const CAP_MS = 30_000;

const SENDERS_PER_RECEIVER = 128;

@Injectable()
export class WebhookSender {
  readonly #agent = new Agent({
    connections: SENDERS_PER_RECEIVER,
    keepAliveTimeout: 30_000,
    headersTimeout: CAP_MS,
    bodyTimeout: CAP_MS,
    connect: { timeout: CAP_MS },
  });

  readonly #sent;

  constructor(
    private readonly logger: Logger,
    metrics: Metrics,
  ) {
    this.#sent = metrics.counter({
      name: 'sandbox_webhooks_total',
      help: 'Webhooks sent, by outcome: answered or failed.',
      labels: { outcome: ['answered', 'failed'] },
    });
  }

  /** Resolves when the receiver responded or failed to; never rejects. */
  async post(webhookUrl: string, body: string, userAgent = 'Java/17.0.10'): Promise<void> {
    try {
      const url = new URL(webhookUrl);
      const answer = await this.#agent.request({
        origin: url.origin,
        path: url.pathname + url.search,
        method: 'POST',
        headers: { 'content-type': 'application/json', 'user-agent': userAgent },
        body,
      });
      await answer.body.dump();
      this.#sent.inc({ outcome: 'answered' });
      this.logger.debug({ status: answer.statusCode }, 'webhook answered');
    } catch (error) {
      this.#sent.inc({ outcome: 'failed' });
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      this.logger.debug({ code }, 'webhook failed');
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}
