// Builds every error response in one form: `application/problem+json` (RFC 9457). It shows only
// text that is known to be safe.
import { HttpException } from '@nestjs/common';
import { errorCodeOf, Fault, type FaultEntry } from '@quittance/platform';
import { unreadableReason } from './unreadable-reasons.js';

export const PROBLEM_CONTENT_TYPE = 'application/problem+json; charset=utf-8';

/**
 * The body of an error response. `code` is stable. `errors` lists every fault of the request with
 * its dotted path.
 */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly request_id: string;
  readonly errors?: readonly FaultEntry[];
  /** The cursor with which a list continues. */
  readonly next?: string;
}

/** A problem before it belongs to a request, and the seconds for `Retry-After`. */
export interface ProblemOutline extends Omit<Problem, 'type' | 'title' | 'request_id'> {
  readonly retryAfterSeconds?: number;
}

interface StatusText {
  readonly title: string;
  readonly code: string;
  readonly detail: string;
}

const INTERNAL: StatusText = {
  title: 'Internal error',
  code: 'internal_error',
  detail: 'Something went wrong on our side. Quote the request id when you report it.',
};

/**
 * The texts for each status. Errors of the framework get these instead of their own message, which
 * may quote the request.
 */
const STATUS_TEXTS: Readonly<Record<number, StatusText>> = {
  400: {
    title: 'Unreadable request',
    code: 'unreadable_request',
    detail: 'The request cannot be parsed.',
  },
  401: {
    title: 'Not authenticated',
    code: 'unauthenticated',
    detail: 'A valid API key is required.',
  },
  403: { title: 'Not allowed', code: 'forbidden', detail: 'The key does not allow this.' },
  404: { title: 'Not found', code: 'not_found', detail: 'There is nothing at this address.' },
  405: {
    title: 'Method not allowed',
    code: 'method_not_allowed',
    detail: 'This address does not support that method; Allow lists the methods it supports.',
  },
  408: {
    title: 'Request too slow',
    code: 'request_timeout',
    detail: 'The request took too long to arrive.',
  },
  409: {
    title: 'Conflict',
    code: 'conflict',
    detail: 'The request conflicts with the current state.',
  },
  410: { title: 'Gone', code: 'events_ended', detail: 'What the request asks for has ended.' },
  413: {
    title: 'Too large',
    code: 'payload_too_large',
    detail: 'The body is larger than this address accepts.',
  },
  414: { title: 'Address too long', code: 'uri_too_long', detail: 'The address is too long.' },
  415: {
    title: 'Unsupported media type',
    code: 'unsupported_media_type',
    detail: 'This address does not accept that content type.',
  },
  417: {
    title: 'Expectation failed',
    code: 'expectation_failed',
    detail: 'This server does not support the expectation in the request.',
  },
  422: { title: 'Invalid request', code: 'validation_failed', detail: 'The request has faults.' },
  429: { title: 'Too many requests', code: 'too_many_requests', detail: 'Slow down.' },
  431: {
    title: 'Headers too large',
    code: 'headers_too_large',
    detail: 'The headers are too large.',
  },
  500: INTERNAL,
  503: {
    title: 'Unavailable',
    code: 'unavailable',
    detail: 'Temporarily unavailable; nothing was done.',
  },
};

/** Returns the outline for any thrown value. An unknown one becomes a bare 500. */
export function outlineOf(thrown: unknown): ProblemOutline {
  if (thrown instanceof Fault) return outlineOfFault(thrown);
  return outlineOfStatus(statusOf(thrown), errorCodeOf(thrown));
}

/** Returns the problem body for an outline. */
export function problemOf(outline: ProblemOutline, requestId: string): Problem {
  const { status, code, detail, errors, next } = outline;
  return {
    type: `urn:quittance:problem:${code}`,
    title: STATUS_TEXTS[status]?.title ?? 'Error',
    status,
    code,
    detail,
    request_id: requestId,
    ...(errors && { errors }),
    ...(next !== undefined && { next }),
  };
}

/**
 * Returns the outline for a bare status. `errorCode`, from Node or Fastify, gives the reason where
 * the 400 alone does not.
 */
export function outlineOfStatus(status: number, errorCode?: string): ProblemOutline {
  const known = STATUS_TEXTS[status];
  const reason = status === 400 ? unreadableReason(errorCode) : undefined;
  if (known) return { status, code: known.code, detail: reason ?? known.detail };
  if (status >= 400 && status < 500) return outlineOfStatus(400, errorCode);
  return { status: 500, code: INTERNAL.code, detail: INTERNAL.detail };
}

function outlineOfFault(fault: Fault): ProblemOutline {
  if (fault.kind === 'invariantViolation') return outlineOfStatus(500);
  const { status, code, detail, errors, retryAfterSeconds, next } = fault;
  return {
    status,
    code,
    detail,
    ...(errors && { errors }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    ...(next !== undefined && { next }),
  };
}

/** Returns the status in a framework error. */
function statusOf(thrown: unknown): number {
  if (thrown instanceof HttpException) return thrown.getStatus();
  if (thrown instanceof Error && 'statusCode' in thrown && typeof thrown.statusCode === 'number') {
    return thrown.statusCode;
  }
  return 500;
}
