// Provides Prisma over the api's pool: one client for all cold reads and writes.
import { Module } from '@nestjs/common';
import { PostgresModule, storeProviders } from '@quittance/modules';
import { PrismaService } from '@quittance/persistence';

@Module({
  imports: [PostgresModule],
  providers: storeProviders(PrismaService),
  exports: [PrismaService],
})
export class PrismaModule {}
