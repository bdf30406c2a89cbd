// The running system that a fuzz is played against: limits that do not hide the code behind them,
// an inspector in every process, and a recorder between the gateway and the webhook app.
import type { Session } from '../../../tools/processes/session.js';
import { ChaosStack } from '../../chaos/stack/chaos-stack.js';
import { ChaosPostgres, ChaosRedis } from '../../chaos/stack/servers.js';
import { json, ScriptedGateway } from '../../support/scripted-gateway.js';
import { INSPECTABLE } from '../oracles/processes.js';

/** Everything else is as in production. */
const OPEN_DOORS = {
  KEY_REQUESTS_PER_SECOND: '1000000',
  ADDRESS_REQUESTS_PER_MINUTE: '100000000',
  // Answers are delayed for their secrecy; a fuzz would only wait.
  CALLBACK_ANSWER_AFTER_MS: '1',
  DROP_IN_WAIT_MS: '8000',
  GATEWAY_TIMEOUT_MS: '10000',
  GATEWAY_INQUIRY_TIMEOUT_MS: '10000',
  JOB_LOCK_MS: '30000',
  STOP_LIMIT_MS: '10000',
  LOG_LEVEL: 'info',
};

/** The answer to a callback. */
export const RECEIVED = json(200, { received: true });

/** The recorder stands where the gateway sends its callbacks, and forwards them. */
export type FuzzStack = { readonly stack: ChaosStack; readonly recorder: ScriptedGateway };

export async function startFuzzStack(session: Session): Promise<FuzzStack> {
  const durability = { isDurable: false, logName: 'fuzz-postgres' };
  const postgres = await ChaosPostgres.start(session, durability);
  const redis = await ChaosRedis.start(session, { logName: 'fuzz-redis' });
  const recorder = await ScriptedGateway.start(() => RECEIVED);
  const extra = { ...OPEN_DOORS, ...INSPECTABLE, PUBLIC_CALLBACK_URL: recorder.url };
  const stack = await ChaosStack.start(session, { name: 'fuzz', postgres, redis, extra });
  recorder.script = ({ path, contentType, body }) =>
    fetch(stack.urls.webhook + path, {
      method: 'POST',
      headers: { 'content-type': contentType },
      body,
    }).then(
      () => RECEIVED,
      () => json(503, {}),
    );
  return { stack, recorder };
}
