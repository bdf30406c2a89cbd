// The running system a fuzz is played against: limits that do not answer for what is behind them, an inspector in every process, and
// a recorder between the gateway and the webhook app.
import { ChaosStack } from '../../chaos/stack/chaos-stack.ts';
import { ChaosPostgres, ChaosRedis } from '../../chaos/stack/servers.ts';
import { INSPECTABLE } from '../oracles/memory.mjs';
import { Recorder } from './recorder.mjs';

/** Everything else is as in production. */
const OPEN_DOORS = {
  KEY_REQUESTS_PER_SECOND: '1000000',
  ADDRESS_REQUESTS_PER_MINUTE: '100000000',
  // Answers are held back for their secrecy; a fuzz would only wait.
  CALLBACK_ANSWER_AFTER_MS: '1',
  GATEWAY_TIMEOUT_MS: '10000',
  GATEWAY_INQUIRY_TIMEOUT_MS: '10000',
  JOB_LOCK_MS: '30000',
  STOP_LIMIT_MS: '10000',
  LOG_LEVEL: 'info',
};

/**
 * @param {import('../../../tools/processes/session.ts').Session} session
 * @returns {Promise<{ stack: ChaosStack, recorder: Recorder }>}
 */
export async function startFuzzStack(session) {
  const postgres = await ChaosPostgres.start(session, {
    isDurable: false,
    logName: 'fuzz-postgres',
  });
  const redis = await ChaosRedis.start(session, { logName: 'fuzz-redis' });
  const recorder = await Recorder.start();
  const extra = { ...OPEN_DOORS, ...INSPECTABLE, PUBLIC_CALLBACK_URL: recorder.url };
  const stack = await ChaosStack.start(session, { name: 'fuzz', postgres, redis, extra });
  recorder.leadTo(stack.urls.webhook);
  return { stack, recorder };
}
