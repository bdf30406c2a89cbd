import { defineConfig } from 'prisma/config';

// `prisma generate` asks for a schema engine that it does not run, and that cannot be downloaded
// everywhere. Any program in its place satisfies it.
if (process.argv.includes('generate'))
  process.env['PRISMA_SCHEMA_ENGINE_BINARY'] ??= process.execPath;
process.env['CHECKPOINT_DISABLE'] ??= '1';

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env['DATABASE_URL'] ?? '' },
});
