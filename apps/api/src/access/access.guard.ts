// Who may do what: a route says which scope it needs (`@Needs('payments:read')`), the guard asks
// whether the caller found at the door has it, and the handler receives them (`@FromCaller()`).
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

const SCOPE = 'needed scope';

/**
 * Lets a request pass whose key is a merchant's and has the scope its route needs; 401 and 403
 * otherwise.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const { caller } = context.switchToHttp().getRequest<FastifyRequest>();
    // Not below /v1, so that nobody was asked at the door: closed rather than open.
    if (caller === undefined) throw AccessDenied.unauthenticated();
    const scope = this.reflector.get<MerchantScope>(SCOPE, context.getHandler());
    if (caller.merchantId === null || !caller.scopes.includes(scope)) {
      throw AccessDenied.forbidden(`The key does not have the scope ${scope}.`);
    }
    return true;
  }
}

/** Guards a route: the key must have `scope`. */
export function Needs(scope: MerchantScope): MethodDecorator {
  return applyDecorators(SetMetadata(SCOPE, scope), UseGuards(AccessGuard));
}

/** The caller of a guarded route, as a handler's parameter of type {@link MerchantCaller}. */
export const FromCaller = createParamDecorator((_data: unknown, context: ExecutionContext) => {
  const { caller } = context.switchToHttp().getRequest<FastifyRequest>();
  if (!caller?.merchantId) {
    throw new InvariantViolation('no_caller', 'a handler asks for the merchant of an open route');
  }
  return caller;
});
