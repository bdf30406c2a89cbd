// Checks of the read replica: whether it answers, is the database's own, and how old its data are.
import {
  createPool,
  LAG_MAX_MS,
  REPLICA_DEADLINES,
  type ReplicaState,
  replicaState,
} from '@quittance/persistence';
import { type Pooler, sessionFault, withConnection } from '@quittance/postgres';
import type { Pool } from 'pg';
import { attention, bad, type Finding, good } from './finding.js';

const CHECK = 'read replica';

/** The replica, and the pooler before both servers. */
interface ReplicaAddress {
  readonly databaseUrl: string;
  readonly pooler: Pooler;
}

/** Rejects if one of the servers does not answer. */
export async function checkReplica(primary: Pool, address: ReplicaAddress): Promise<Finding[]> {
  const replica = createPool({
    ...address,
    connections: 1,
    applicationName: 'quittance-doctor',
    onError: () => undefined,
    deadlines: REPLICA_DEADLINES,
  });
  try {
    const fault = await withConnection(replica, (client) => sessionFault(replica, client));
    if (fault) return [bad(CHECK, fault.finding, fault.advice)];
    return [replicaFinding(await replicaState(primary, replica))];
  } finally {
    await replica.end();
  }
}

function replicaFinding({ isOfPrimary, isStandby, lagMs }: ReplicaState): Finding {
  if (!isOfPrimary) {
    const advice = 'Point DATABASE_READ_URL at a streaming replica of DATABASE_URL.';
    return bad(CHECK, 'it is another database, or a copy with writers of its own', advice);
  }
  const kind = isStandby ? 'a standby of this database' : 'this database itself, which writes';
  if (lagMs === null) return good(CHECK, `${kind}; no api measures its lag`);
  const seconds = (lagMs / 1_000).toFixed(1);
  if (lagMs <= LAG_MAX_MS) return good(CHECK, `${kind}, ${seconds} s old`);
  const advice =
    'The primary answers meanwhile. Look for long replay conflicts, or a slow network.';
  return attention(CHECK, `${kind}, ${seconds} s old`, advice);
}
