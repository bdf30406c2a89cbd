// The settings of the queues, for Nest.
import { redisSection, settings } from '@quittance/platform';

/** The section `redis` of an app's configuration. */
export class RedisSettings extends settings(redisSection) {}
