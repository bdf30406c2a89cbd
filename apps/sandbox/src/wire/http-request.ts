// Extracts the parts of a Fastify request that the gateway uses.
import type { FastifyRequest } from 'fastify';
import type { ParameterSource } from '@quittance/gateway-protocol';

/** The parts of a request before parsing; the body is text whatever its content type. */
export interface GatewayRequest extends ParameterSource {
  /** The path without the query. */
  readonly path: string;
}

export function gatewayRequest(request: FastifyRequest): GatewayRequest {
  const { url, method } = request;
  const split = url.indexOf('?');
  return {
    method,
    path: split === -1 ? url : url.slice(0, split),
    query: split === -1 ? '' : url.slice(split + 1),
    contentType: request.headers['content-type'] ?? '',
    body: typeof request.body === 'string' ? request.body : '',
  };
}

/**
 * Returns `scheme://host[:port]/api/`: plain HTTP on the local machine, otherwise the scheme that a
 * proxy reports (protocol §4.2).
 */
export function baseUrl(request: FastifyRequest): string {
  const host = request.headers.host ?? 'localhost';
  const isLocal = /^(localhost|127\.|\[::1\]|[^:]*\.local(:|$))/.test(host);
  const forwarded = request.headers['x-forwarded-proto'];
  const scheme = !isLocal && forwarded === 'https' ? 'https' : 'http';
  return `${scheme}://${host}/api/`;
}
