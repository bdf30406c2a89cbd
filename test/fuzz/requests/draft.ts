// A request while it is put together: faults change it, and then it is written as bytes.
import fc from 'fast-check';
import { jsonOf } from '../hostile/values.js';
import type { Changes, Named } from '../inputs.js';
import type { RunCard } from '../oracles/secrets.js';
import { whyRefused, type Judgeable, type Operation } from './contract.js';

export interface Draft {
  readonly operation: Operation;
  readonly card: RunCard;
  method: string;
  path: string;
  /** For the path. */
  id: string;
  /** Raw `name=value` pairs. */
  query: string[];
  headers: [name: string, value: string][];
  /** A JSON value; undefined for an operation without a body. */
  body: unknown;
  /** The body as it is sent. */
  bytes: Buffer;
  /** The address or the method is no longer that of the operation. */
  isForeign: boolean;
  mayBeCut: boolean;
  /** Changes the whole request. */
  onWire?: (bytes: Buffer) => Buffer;
}

export type Fault = (draft: Draft) => void;
export type Faults = Changes<Fault>;
/** A fault with something that is drawn for it; it also sets `flags`. */
export const fault = <T>(
  drawn: fc.Arbitrary<T>,
  change: (draft: Draft, value: T) => void,
  flags: Partial<Draft> = {},
) =>
  drawn.map(
    (value): Fault =>
      (draft) =>
        change(Object.assign(draft, flags), value),
  );
export const nothing = fc.constant(undefined);
/** A fault with the stage of the request that it belongs to. */
export type StagedFault = Named<Fault> & { readonly stage: Stage };
export type Stage = 'value' | 'text' | 'address' | 'header' | 'wire';

/** A request as it is sent. */
export type FuzzRequest = Judgeable & { readonly bytes: Buffer };

/** Writes a draft with its faults as bytes; `key` is empty for none. */
export function written(
  draft: Draft,
  faults: readonly StagedFault[],
  { host, key }: { host: string; key: string },
): FuzzRequest {
  const apply = (wanted: Stage) => {
    for (const { stage, change } of faults) if (stage === wanted) change(draft);
  };
  apply('value');
  draft.bytes = Buffer.from(jsonOf(draft.body));
  apply('text');
  if (key !== '') draft.headers.push(['Authorization', `Bearer ${key}`]);
  apply('address');
  apply('header');
  if (draft.bytes.length > 0 || draft.body !== undefined)
    draft.headers.push(['content-length', String(draft.bytes.length)]);
  apply('wire');
  const { isForeign, mayBeCut, bytes, headers, onWire } = draft;
  const target = [draft.path.replaceAll(/\{[a-z]+\}/g, () => draft.id), ...draft.query];
  const address = target.join('&').replace('&', draft.query.length > 0 ? '?' : '&');
  const lines = [['host', host], ['connection', 'close'], ...headers];
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const start = Buffer.from(`${draft.method} ${address} HTTP/1.1\r\n${head}\r\n`, 'latin1');
  const whole = Buffer.concat([start, bytes]);
  // A first chunk of no bytes ends an empty body.
  const isEmpty = bytes.length === 0 || bytes.toString('latin1', 0, 2) === '0;';
  // A change of the whole request may undo what no server may accept.
  const mayBeAccepted = isEmpty || onWire !== undefined;
  const mustBeRefused = mayBeAccepted ? undefined : whyRefused(headers);
  const operation = isForeign ? undefined : draft.operation;
  const sent = { bytes: onWire?.(whole) ?? whole, isHead: draft.method === 'HEAD' };
  return { ...sent, operation, mayBeCut, mustBeRefused };
}
