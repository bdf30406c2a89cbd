// Authorizes routes by scope. `@RequireScope('payments:read')` guards a route, and
// `@CurrentCaller()` passes the authenticated caller to its handler.
import {
  applyDecorators,
  type CanActivate,
  createParamDecorator,
  type ExecutionContext,
  Injectable,
  SetMetadata,
  UseGuards,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AccessDenied, InvariantViolation } from '@quittance/platform';
import type { FastifyRequest } from 'fastify';
import type { MerchantScope } from '@quittance/api-keys';

const SCOPE = 'required scope';

/**
 * Lets a request pass if its key belongs to a merchant and has the route's scope. Throws
 * {@link AccessDenied} otherwise: 401 without a caller, 403 without the scope.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const { caller } = context.switchToHttp().getRequest<FastifyRequest>();
    // The route is not below /v1, so the request was not authenticated. Fail closed.
    if (caller === undefined) throw AccessDenied.unauthenticated();
    const scope = this.reflector.get<MerchantScope>(SCOPE, context.getHandler());
    if (caller.merchantId === null || !caller.scopes.includes(scope)) {
      throw AccessDenied.forbidden(`The key does not have the scope ${scope}.`);
    }
    return true;
  }
}

/** Guards a route: the caller's key must have `scope`. */
export function RequireScope(scope: MerchantScope): MethodDecorator {
  return applyDecorators(SetMetadata(SCOPE, scope), UseGuards(AccessGuard));
}

/** Injects the caller of a guarded route, a {@link MerchantCaller}, into a handler's parameter. */
export const CurrentCaller = createParamDecorator((_data: unknown, context: ExecutionContext) => {
  const { caller } = context.switchToHttp().getRequest<FastifyRequest>();
  if (!caller?.merchantId) {
    throw new InvariantViolation(
      'no_caller',
      'a handler asked for the merchant on a route without a guard',
    );
  }
  return caller;
});
