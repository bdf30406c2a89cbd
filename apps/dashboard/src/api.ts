// Calls the operations API. The types are those of its OpenAPI document.
import type { components } from '@quittance/contract';

type Schemas = components['schemas'];
export type OpsSession = Schemas['OpsSession'];
export type Verdict = Schemas['Verdict'];
export type Finding = Verdict['work'];
export type Overview = Schemas['Overview'];
export type OverviewSecond = Schemas['OverviewSecond'];
export type SearchResult = Schemas['SearchResult'];
export type PaymentStory = Schemas['PaymentStory'];
export type DoubtPage = Schemas['DoubtPage'];
export type Doubt = DoubtPage['data'][number];
export type Subscribers = Schemas['Subscribers'];
export type EventCount = Schemas['EventCount'];
export type ReplayList = Schemas['ReplayList'];
export type FailedList = Schemas['FailedList'];
export type LaneList = Schemas['LaneList'];
export type Lane = LaneList['data'][number];
export type QueueList = Schemas['QueueList'];
export type FailedJobs = Schemas['FailedJobs'];
export type AuditList = Schemas['AuditList'];
export type ProposalList = Schemas['ProposalList'];

/** A response that is a problem; the message is for a person. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Without input for so long, the page's own requests do not prolong the session. */
const PRESENT_MS = 60_000;
let lastInputAt = Date.now();
for (const kind of ['pointerdown', 'keydown'] as const) {
  addEventListener(kind, () => (lastInputAt = Date.now()), { passive: true });
}

interface ProblemBody {
  readonly detail?: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const isAway = Date.now() - lastInputAt > PRESENT_MS;
  const response = await fetch(`/v1/ops${path}`, {
    method,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(isAway && { 'quittance-background': '1' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }).catch(() => {
    throw new ApiError(0, 'The api cannot be reached.');
  });
  if (response.status === 204) return undefined as T;
  const parsed = (await response.json().catch(() => ({}))) as ProblemBody;
  if (response.ok) return parsed as T;
  const faults = (parsed.errors ?? []).map(({ message }) => message).join(' ');
  const message = faults || parsed.detail || `The api answered ${response.status}.`;
  throw new ApiError(response.status, message);
}

export const get = <T>(path: string): Promise<T> => call<T>('GET', path);
/** Takes an action. */
export const send = <T>(method: 'POST' | 'PATCH', path: string, body: unknown): Promise<T> =>
  call<T>(method, path, body);
export const post = <T>(path: string, body: unknown): Promise<T> => call<T>('POST', path, body);
export const signOut = (): Promise<void> => call<void>('DELETE', '/session');
