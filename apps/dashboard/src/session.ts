// The signed-in operator, for every view.
import { createContext, useContext } from 'react';
import type { OpsSession } from './api.js';

export const SessionContext = createContext<OpsSession | null>(null);

/** True when the operator may act; the api checks it again. */
export function useMayAct(): boolean {
  return useContext(SessionContext)?.rights === 'act';
}
