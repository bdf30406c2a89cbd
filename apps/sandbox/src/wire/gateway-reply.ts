// What the gateway answers, as a value: the pure code makes it, one place sends it.

export type JsonObject = Readonly<Record<string, unknown>>;

export interface GatewayReply {
  readonly status: number;
  /** An object is written as JSON; a string goes out as it is. */
  readonly body: JsonObject | readonly JsonObject[] | string;
  readonly contentType: string;
  /** Where a redirect leads. */
  readonly location?: string;
}

export function jsonReply(status: number, body: JsonObject | readonly JsonObject[]): GatewayReply {
  return { status, body, contentType: 'application/json' };
}

/**
 * JSON that is already written, where a number must keep more digits than a double holds (the 403
 * body, §4.1).
 */
export function writtenJsonReply(status: number, body: string): GatewayReply {
  return { status, body, contentType: 'application/json' };
}

/** Raw text, as the refund endpoint answers most refusals (§8). */
export function textReply(status: number, body: string): GatewayReply {
  return { status, body, contentType: 'text/plain;charset=UTF-8' };
}

export function htmlReply(body: string): GatewayReply {
  return { status: 200, body, contentType: 'text/html;charset=UTF-8' };
}

export function emptyReply(status: number): GatewayReply {
  return textReply(status, '');
}

/** 307 by default: it keeps the method, which is why a return_url can be hit by POST (§6.5). */
export function redirectReply(location: string, status: 303 | 307 = 307): GatewayReply {
  return { ...emptyReply(status), location };
}
