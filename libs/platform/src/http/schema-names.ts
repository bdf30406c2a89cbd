// Which of the names in a fault's path are the schema's own. Every other one was sent by the caller, and a value, or a whole
// body, can be sent as a name: it is never shown.
import type { z } from 'zod';

type Schema = z.core.$ZodType;

/** Stands for a name that the schema does not have. */
const ANOTHER_NAME = '…';

/** A path as callers read it: names of the schema and places in lists, joined by dots. */
export function shownPath(schema: Schema, path: readonly PropertyKey[]): string {
  const shown: string[] = [];
  let places: readonly Schema[] = [schema];
  for (const name of path) {
    const members = places.flatMap(formsOf).map((form) => memberOf(form, name));
    const isKnown = members.some((member) => member?.isKnown);
    shown.push(isKnown ? String(name) : ANOTHER_NAME);
    places = members.flatMap((member) => member?.schema ?? []);
  }
  return shown.join('.');
}

/** The path of members that the object at `path` does not have. */
export function unknownMemberPath(schema: Schema, path: readonly PropertyKey[]): string {
  return shownPath(schema, [...path, Symbol('unknown')]);
}

/** The names of the object at `path`. */
export function namesAt(schema: Schema, path: readonly PropertyKey[]): string[] {
  const places = path.reduce<readonly Schema[]>(
    (holders, name) =>
      holders.flatMap(formsOf).flatMap((form) => memberOf(form, name)?.schema ?? []),
    [schema],
  );
  const names = places
    .flatMap(formsOf)
    .flatMap(({ _zod: { def } }) => (def.type === 'object' ? Object.keys(def.shape) : []));
  return [...new Set(names)];
}

interface Member {
  readonly isKnown: boolean;
  readonly schema: Schema;
}

function memberOf({ _zod: { def } }: z.core.$ZodTypes, name: PropertyKey): Member | undefined {
  if (def.type === 'array' && typeof name === 'number') return known(def.element);
  if (def.type === 'record') return { isKnown: false, schema: def.valueType };
  if (def.type !== 'object' || !Object.hasOwn(def.shape, name)) return undefined;
  return known(def.shape[String(name)]);
}

function known(schema: Schema | undefined): Member | undefined {
  return schema && { isKnown: true, schema };
}

/** What a schema may be once its wrappers are off: more than one only in a union. */
function formsOf(wrapped: Schema): z.core.$ZodTypes[] {
  const schema = wrapped as z.core.$ZodTypes;
  const {
    _zod: { def },
  } = schema;
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
    case 'catch':
      return formsOf(def.innerType);
    case 'pipe':
      return [...formsOf(def.in), ...formsOf(def.out)];
    case 'union':
      return def.options.flatMap(formsOf);
    default:
      return [schema];
  }
}
