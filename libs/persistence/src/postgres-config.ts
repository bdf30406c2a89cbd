// The settings of every process that uses Postgres.
import { integer, secretUrl, settings } from '@quittance/platform';

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
};

/** The section `postgres` of a process's config. */
export class PostgresSettings extends settings(postgresSection) {}
