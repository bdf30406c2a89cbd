// Scripted faults of the next matching requests, look-ups or callbacks. A fault's name is the word
// that a script uses (docs/sandbox.md), so it has the same spelling here.
import type { ScriptedLateRefusal, ScriptedRefusal } from '../wire/error-replies.js';

/**
 * The stage at which each fault applies. One request meets at most one fault, in the order of the
 * scripts.
 */
export const faultStages = {
  delay_ms: 'request',
  drop_before_processing: 'request',
  drop_after_processing: 'request',
  status_500_after_processing: 'request',
  garbage_reply: 'request',
  raw_text_reply: 'request',
  empty_reply: 'request',
  truncate_reply: 'request',
  wrong_amount: 'request',
  wrong_reference: 'request',
  unreadable_amount: 'request',
  unreadable_reference: 'request',
  refuse: 'create',
  somebody_else_on_inquiry: 'inquiry',
  empty_on_inquiry: 'inquiry',
  status_not_stored: 'update',
  duplicate_callback: 'callback',
  no_callback: 'callback',
  late_callback_ms: 'callback',
  reordered_callbacks: 'callback',
} as const;

export type FaultName = keyof typeof faultStages;
export type FaultStage = (typeof faultStages)[FaultName];

export interface FaultScript {
  readonly fault: FaultName;
  readonly match: { readonly reference?: string | undefined; readonly path?: string | undefined };
  /** `request` for replies, unless a script selects the callback (`wrong_…`, `unreadable_…`). */
  readonly stage: FaultStage;
  readonly ms: number | undefined;
  /** The code that `status_not_stored` replies with. */
  readonly orderStatus: number | undefined;
  readonly refusal: ScriptedRefusal | ScriptedLateRefusal | undefined;
  /** The number of remaining uses. */
  remaining: number;
}

/** The request or callback that a fault is matched against. */
export interface FaultSubject {
  /** Path of the request without its query; undefined for callbacks. */
  readonly path: string | undefined;
  /** The decrypted reference; undefined when the request has none. */
  readonly reference: string | null | undefined;
}

export class Faults {
  #scripts: FaultScript[] = [];

  add(script: FaultScript): void {
    this.#scripts.push(script);
  }

  all(): readonly FaultScript[] {
    return this.#scripts;
  }

  clear(): void {
    this.#scripts = [];
  }

  /** Returns the first matching fault of one of the stages and uses it up once. */
  take(stages: readonly FaultStage[], subject: FaultSubject): FaultScript | undefined {
    if (this.#scripts.length === 0) return undefined;
    const script = this.#scripts.find(
      (candidate) => stages.includes(candidate.stage) && fits(candidate.match, subject),
    );
    if (!script) return undefined;
    script.remaining -= 1;
    if (script.remaining <= 0) this.#scripts = this.#scripts.filter((other) => other !== script);
    return script;
  }
}

function fits(match: FaultScript['match'], subject: FaultSubject): boolean {
  if (match.reference !== undefined && match.reference !== subject.reference) return false;
  return match.path === undefined || isBelow(match.path, subject.path);
}

/**
 * True when `path` is `prefix` or below it, by whole segments: `/api/s2s` covers
 * `/api/s2s/encrypt`, which has the same handler.
 */
function isBelow(prefix: string, path: string | undefined): boolean {
  if (path === undefined) return false;
  const folder = prefix.endsWith('/') ? prefix : `${prefix}/`;
  return path === prefix || path.startsWith(folder);
}
