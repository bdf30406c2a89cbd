// The settings of every process that uses Postgres.
import { integer, oneOf, optional, secretUrl, settings } from '@quittance/platform';
import { POOLERS } from '@quittance/postgres';

export const postgresSection = {
  databaseUrl: secretUrl('DATABASE_URL', {
    description: 'Postgres database of Quittance',
    schemes: ['postgres', 'postgresql'],
  }),
  connections: integer('DATABASE_CONNECTIONS', {
    description: 'most connections this process opens; statements are batched, so few carry much',
    default: 8,
    min: 3,
    max: 200,
  }),
  // With a pooler, named statements and start-up parameters are not safe. Without one they save
  // Postgres work, so that the safe value is not the default.
  pooler: oneOf('DATABASE_POOLER', POOLERS, {
    description:
      'transaction if something like PgBouncer pools connections, of transactions or of sessions; a wrong value ends the start',
    default: 'none',
  }),
};

/** The section `postgres` of a process's config. */
export class PostgresSettings extends settings(postgresSection) {}

export const replicaSection = {
  databaseUrl: optional(
    secretUrl('DATABASE_READ_URL', {
      description:
        'read replica of DATABASE_URL, for lists, events and charts that may be five seconds old; without one the primary answers',
      schemes: ['postgres', 'postgresql'],
    }),
  ),
};

/** The section `replica` of the api's config. */
export class ReplicaSettings extends settings(replicaSection) {}
