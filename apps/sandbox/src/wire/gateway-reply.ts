// Defines the gateway's reply as a value: the pure code builds it, and one place sends it.

export type JsonObject = Readonly<Record<string, unknown>>;

export interface GatewayReply {
  readonly status: number;
  /** An object is sent as JSON; a string is sent unchanged. */
  readonly body: JsonObject | readonly JsonObject[] | string;
  readonly contentType: string;
  /** The target of a redirect. */
  readonly location?: string;
}

export function jsonReply(status: number, body: JsonObject | readonly JsonObject[]): GatewayReply {
  return { status, body, contentType: 'application/json' };
}

/**
 * Returns a reply with serialized JSON, for a number with more digits than a double holds (the 403
 * body, §4.1).
 */
export function writtenJsonReply(status: number, body: string): GatewayReply {
  return { status, body, contentType: 'application/json' };
}

/** Returns raw text, the form of most refusals of the refund endpoint (§8). */
export function textReply(status: number, body: string): GatewayReply {
  return { status, body, contentType: 'text/plain;charset=UTF-8' };
}

export function htmlReply(body: string): GatewayReply {
  return { status: 200, body, contentType: 'text/html;charset=UTF-8' };
}

export function emptyReply(status: number): GatewayReply {
  return textReply(status, '');
}

/**
 * Returns a redirect. A 307, the default, preserves the method, so a return_url can receive a POST
 * (§6.5).
 */
export function redirectReply(location: string, status: 303 | 307 = 307): GatewayReply {
  return { ...emptyReply(status), location };
}
