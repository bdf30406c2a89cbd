// Counts and times requests by method, route template and status. The template keeps the number of
// series finite and keeps ids and tokens out of the labels.
import type { FastifyInstance } from 'fastify';
import type { Metrics } from '@quittance/platform';

const UNKNOWN_ROUTE = 'none';

/** Adds the histogram `http_request_seconds` to a server. */
export function observeRequests(fastify: FastifyInstance, metrics: Metrics): void {
  const seconds = metrics.histogram({
    name: 'http_request_seconds',
    help: 'Seconds from the receipt of the request to the end of the response, by method, route template and status.',
    labels: ['method', 'route', 'status'],
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    seconds.observe(
      {
        method: request.method,
        route: request.is404 ? UNKNOWN_ROUTE : (request.routeOptions.url ?? UNKNOWN_ROUTE),
        status: reply.statusCode,
      },
      reply.elapsedTime / 1000,
    );
    done();
  });
}
