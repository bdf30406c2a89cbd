// Changes of the members of a JSON object, at any depth, for requests and callbacks alike.
import fc from 'fast-check';
import type { Changes } from '../inputs.js';
import { hostileTexts, hostileValues, oneOf, POISON, set, textOf } from './values.js';

export type Members = Record<string, unknown>;
/** A change in place; it may take a part of the other object. */
export type MembersChange = (body: Members, other: Members) => unknown;
type Place = { readonly holder: Members; readonly name: string };

export const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
/** An item of a list, for a number that was drawn without knowing its length. */
export const at = <T>(items: readonly T[], drawn: number): T | undefined =>
  items[drawn % items.length];
/** Every member of every object within `value`. */
export const placesIn = (value: unknown): Place[] =>
  Object.entries(isObject(value) ? value : {}).flatMap(([name, inner]) => [
    { holder: value as Members, name },
    ...placesIn(inner),
  ]);

/** A change at any place, with a copy of a value that is drawn for it, because bodies share it. */
const atPlace = <T>(
  values: fc.Arbitrary<T>,
  change: (place: Place, value: T, other: Members) => unknown,
) =>
  fc.tuple(fc.nat(), values).map(([drawn, value]): MembersChange => (body, other) => {
    const place = at(placesIn(body), drawn);
    if (place) change(place, structuredClone(value), other);
  });
/** A change that replaces the value at any place. */
const replaced = <T>(
  values: fc.Arbitrary<T>,
  valueOf: (old: unknown, value: T, place: Place, other: Members) => unknown,
) =>
  atPlace(values, (place, value, other) => {
    const { holder, name } = place;
    set(holder, name, valueOf(holder[name], value, place, other));
  });
const nothing = fc.constant(undefined);

export const MEMBER_CHANGES: Changes<MembersChange> = {
  null: replaced(nothing, () => null),
  missing: atPlace(nothing, ({ holder, name }) => delete holder[name]),
  hostileValue: replaced(hostileValues, (_, value) => value),
  wrapped: replaced(fc.nat(2), (value, way, { name }) =>
    at<unknown>([[value], { value }, { [name]: value }], way),
  ),
  retyped: replaced(nothing, (old) => (typeof old === 'string' ? Number(old) : textOf(old))),
  swapped: replaced(fc.nat(), (_, drawn, place, other) =>
    structuredClone(at(Object.values(other), drawn)),
  ),
  unknownField: atPlace(hostileValues, ({ holder }, value) => set(holder, 'x1', value)),
  poisonedField: atPlace(
    fc.tuple(oneOf(...POISON), fc.constantFrom(1, null, 'x', { status: 'succeeded' })),
    ({ holder }, poison) => set(holder, ...poison),
  ),
  hostileName: atPlace(fc.oneof(nothing, hostileTexts), ({ holder, name }, text = `${name} `) =>
    set(holder, text.slice(0, 3_000), structuredClone(holder[name])),
  ),
};
