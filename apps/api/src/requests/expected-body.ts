// Checks that a body is present or absent. `@Body(requiredBody)` and `@Body(emptyBody)` give either
// mistake its own message.
import type { PipeTransform } from '@nestjs/common';
import { InvalidRequest } from '@quittance/platform';
import { unexpectedBody } from '@quittance/server';

/** Requires a body: 400 `unreadable_request` when it is empty. */
export const requiredBody: PipeTransform = {
  transform(body: unknown): unknown {
    if (body === undefined) throw NO_BODY;
    return body;
  },
};

/** Accepts no body, or its common spellings `{}` and `null`. Otherwise 400 `unexpected_body`. */
export const emptyBody: PipeTransform = {
  transform(body: unknown): undefined {
    const isNothing = body === undefined || body === null || JSON.stringify(body) === '{}';
    if (!isNothing) throw unexpectedBody('This address accepts no body; send none, or {}.');
  },
};

const NO_BODY = new InvalidRequest(
  'unreadable_request',
  'This address needs a JSON object as its body, and the body is empty.',
  { status: 400 },
);
