// The signed-in operator and the result of the last action, for every view.
import { createContext, useContext } from 'react';
import type { OpsSession } from './api.js';

export const SessionContext = createContext<OpsSession | null>(null);

/** Shows the result of an action, which outlives the row that it was taken in. */
export const NoticeContext = createContext<(text: string) => void>(() => undefined);

/** True when the operator may act; the api checks it again. */
export function useMayAct(): boolean {
  return useContext(SessionContext)?.rights === 'act';
}
