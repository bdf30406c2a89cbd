// `npm run db:generate`: Prisma's typed client from prisma/schema.prisma.
import { runCommand } from './processes/command.mjs';
import { generatePrismaClient } from './setup/prisma-client.mjs';
import { tell } from './terminal/progress.mjs';

await runCommand(async () => {
  const made = await generatePrismaClient();
  tell(made ? 'Prisma client generated' : 'Prisma client is up to date');
});
