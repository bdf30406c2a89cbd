// Knowing that nobody waits for an answer any more.
import type { FastifyReply } from 'fastify';

/** Resolves when the connection is gone, or the answer has been sent. */
export function hungUp({ raw }: FastifyReply): Promise<void> {
  if (raw.destroyed) return Promise.resolve();
  return new Promise((resolve) => raw.once('close', () => resolve()));
}
