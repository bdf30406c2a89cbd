// Nest 12 hands a parameter's schema (`@Body({ schema })`, `@Query({ schema })`) to the pipes; this one runs zod
// with it, so that a controller receives values that are already parsed, and a caller hears every fault at once.
import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { z } from 'zod';
import { InvalidRequest, InvariantViolation } from '../faults.js';
import { checkAgainst } from './schema-faults.js';

/** Parses with a schema or throws the fault `validation_failed` (422). For values that come from a caller. */
export function parseRequest<T>(schema: z.ZodType<T>, value: unknown): T {
  const checked = checkAgainst(schema, value);
  if (checked.isSound) return checked.data;
  throw InvalidRequest.validationFailed(checked.faults);
}

/** Applies the zod schema of a controller's parameter; parameters without one pass as they are. */
@Injectable()
export class SchemaPipe implements PipeTransform {
  transform(value: unknown, { schema, type }: ArgumentMetadata): unknown {
    if (schema === undefined) return value;
    if (!(schema instanceof z.ZodType)) {
      throw new InvariantViolation(
        'foreign_schema',
        `the schema of a ${type} parameter is not zod's`,
      );
    }
    return parseRequest(schema, value);
  }
}
