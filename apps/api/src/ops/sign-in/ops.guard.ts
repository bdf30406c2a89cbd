// Guards the routes of the operations API. `@OpsRoute('/payments')` names a controller's address;
// `@CurrentOperator()` passes the caller to a handler.
import {
  applyDecorators,
  type CanActivate,
  Controller,
  createParamDecorator,
  type ExecutionContext,
  Injectable,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import { AccessDenied, InvariantViolation } from '@quittance/platform';
import type { FastifyRequest } from 'fastify';
import { OperatorErrorFilter } from './operator-error.filter.js';

/** Lets a request pass that `OpsAdmission` admitted. Throws {@link AccessDenied} otherwise. */
@Injectable()
export class OpsGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { opsCaller } = context.switchToHttp().getRequest<FastifyRequest>();
    // The route is not below /v1/ops, so the request was not authenticated. Fail closed.
    if (opsCaller === undefined) throw AccessDenied.unauthenticated();
    return true;
  }
}

/** A controller of the operations API: its callers operate Quittance. */
export function OpsRoute(path: string): ClassDecorator {
  return applyDecorators(
    Controller(`v1/ops${path}`),
    UseGuards(OpsGuard),
    UseFilters(OperatorErrorFilter),
  );
}

/** Injects the caller, an {@link OpsCaller}, into a handler's parameter. */
export const CurrentOperator = createParamDecorator((_data: unknown, context: ExecutionContext) => {
  const { opsCaller } = context.switchToHttp().getRequest<FastifyRequest>();
  if (!opsCaller) throw new InvariantViolation('no_caller', 'a route of operators has no guard');
  return opsCaller;
});
