// Whether a route takes a body. `@Body(needed)` and `@Body(none)` say so, so that either mistake is
// named.
import type { PipeTransform } from '@nestjs/common';
import { InvalidRequest, unexpectedBody } from '@quittance/platform';

/** A body must be there: 400 `unreadable_request` when it is empty. */
export const needed: PipeTransform = {
  transform(body: unknown): unknown {
    if (body === undefined) throw NO_BODY;
    return body;
  },
};

/** Nothing, or what clients send for nothing: `{}` and `null`. Otherwise 400 `unexpected_body`. */
export const none: PipeTransform = {
  transform(body: unknown): undefined {
    const isNothing = body === undefined || body === null || JSON.stringify(body) === '{}';
    if (!isNothing) throw unexpectedBody('This address takes no body; send none, or {}.');
  },
};

const NO_BODY = new InvalidRequest(
  'unreadable_request',
  'This address needs a JSON object as its body, and the body is empty.',
  { status: 400 },
);
