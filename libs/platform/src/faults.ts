// Faults are failures that the code at hand cannot handle, classified by the party that must act.
// Expected outcomes are values, and a bug is any other Error. Only the edges (HTTP, jobs) translate
// faults.

/**
 * The party that must act: the caller (the first three), no one, because time solves it
 * (`unavailable`), or we (`invariantViolation`).
 */
export type FaultKind =
  'invalidRequest' | 'accessDenied' | 'conflict' | 'unavailable' | 'invariantViolation';

/** One fault: its path (dotted, `''` for the whole), a stable code, and a message for a person. */
export interface FaultEntry {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

/** The optional parts of a fault. `status` overrides the HTTP status of its kind. */
export interface FaultOptions {
  readonly status?: number;
  readonly errors?: readonly FaultEntry[];
  readonly retryAfterSeconds?: number;
  /** The cursor with which a list continues. */
  readonly next?: string;
  readonly cause?: unknown;
}

/** The HTTP status of each kind, unless the fault sets its own. */
const STATUS_OF_KIND: Readonly<Record<FaultKind, number>> = {
  invalidRequest: 422,
  accessDenied: 401,
  conflict: 409,
  unavailable: 503,
  invariantViolation: 500,
};

/**
 * The base of the five kinds. Throw one of the subclasses. `code` is stable and part of the public
 * contract; `detail` is for a person and is sent to the caller. Neither may contain secrets or data
 * from the request.
 */
export abstract class Fault extends Error {
  readonly status: number;
  readonly errors: readonly FaultEntry[] | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly next: string | undefined;

  constructor(
    readonly kind: FaultKind,
    readonly code: string,
    readonly detail: string,
    options: FaultOptions = {},
  ) {
    super(`${code}: ${detail}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.status = options.status ?? STATUS_OF_KIND[kind];
    this.errors = options.errors;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.next = options.next;
  }
}

/** The caller must change the request (422 by default). */
export class InvalidRequest extends Fault {
  constructor(code: string, detail: string, options?: FaultOptions) {
    super('invalidRequest', code, detail, options);
  }

  /** 404. Also the response for objects that belong to another merchant. */
  static notFound(detail = 'There is nothing at this address.'): InvalidRequest {
    return new InvalidRequest('not_found', detail, { status: 404 });
  }

  /** 422 with every fault of the request. */
  static validationFailed(errors: readonly FaultEntry[]): InvalidRequest {
    const detail = `The request has ${errors.length === 1 ? 'a fault' : `${errors.length} faults`}; see errors.`;
    return new InvalidRequest('validation_failed', detail, { errors });
  }
}

/** The caller is not authenticated (401) or not authorized (403). */
export class AccessDenied extends Fault {
  constructor(code: string, detail: string, options?: FaultOptions) {
    super('accessDenied', code, detail, options);
  }

  /** 401: no key, or an unknown key. The response does not reveal which. */
  static unauthenticated(detail = 'A valid API key is required.'): AccessDenied {
    return new AccessDenied('unauthenticated', detail);
  }

  /** 403: the key is valid but does not allow this. */
  static forbidden(detail: string): AccessDenied {
    return new AccessDenied('forbidden', detail, { status: 403 });
  }
}

/** The caller must read the current state before it tries again (409). */
export class Conflict extends Fault {
  constructor(code: string, detail: string, options?: FaultOptions) {
    super('conflict', code, detail, options);
  }
}

/**
 * The request may succeed later (503), and certainly nothing happened. Throw it only when that is
 * proven.
 */
export class Unavailable extends Fault {
  constructor(code: string, detail: string, options: FaultOptions = {}) {
    super('unavailable', code, detail, { retryAfterSeconds: 1, ...options });
  }

  /** 429: the caller exceeds its limit. */
  static tooManyRequests(detail: string, retryAfterSeconds: number): Unavailable {
    return new Unavailable('too_many_requests', detail, { status: 429, retryAfterSeconds });
  }
}

/** An impossible state (500). The detail goes to the log only, never to the caller. */
export class InvariantViolation extends Fault {
  constructor(code: string, detail: string, options?: FaultOptions) {
    super('invariantViolation', code, detail, options);
  }
}
