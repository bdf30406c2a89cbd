// Who may do what: a route says which scope it needs (`@Needs('payments:read')`), the guard finds the caller by the
// bearer key, and the handler receives them (`@FromCaller()`).
import {
  applyDecorators,
  type CanActivate,
  createParamDecorator,
  type ExecutionContext,
  Injectable,
  SetMetadata,
  UseGuards,
  Inject,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AccessDenied, InvariantViolation } from '@quittance/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiKeys, type Caller } from './api-keys.js';
import { bearerKey } from './presented-key.js';
import type { Scope } from './scopes.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the guard of a route that needs a scope. */
    caller?: Caller;
  }
}

const SCOPE = 'needed scope';

/** Lets a request pass whose key has the scope its route needs; 401 and 403 otherwise. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    @Inject(ApiKeys) private readonly keys: ApiKeys,
    @Inject(Reflector) private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const key = bearerKey(request.headers.authorization);
    const caller = key === undefined ? undefined : await this.keys.callerOf(key);
    if (caller === undefined) {
      http.getResponse<FastifyReply>().header('www-authenticate', 'Bearer');
      throw AccessDenied.unauthenticated();
    }
    const scope = this.reflector.get<Scope>(SCOPE, context.getHandler());
    if (!caller.scopes.includes(scope)) {
      throw AccessDenied.forbidden(`The key does not have the scope ${scope}.`);
    }
    request.caller = caller;
    return true;
  }
}

/** Guards a route: the key must have `scope`. */
export function Needs(scope: Scope): MethodDecorator {
  return applyDecorators(SetMetadata(SCOPE, scope), UseGuards(AccessGuard));
}

/** The caller of a guarded route, as a handler's parameter of type {@link Caller}. */
export const FromCaller = createParamDecorator((_data: unknown, context: ExecutionContext) => {
  const { caller } = context.switchToHttp().getRequest<FastifyRequest>();
  if (caller === undefined) {
    throw new InvariantViolation('no_caller', 'a handler asks for the caller of an open route');
  }
  return caller;
});
