// Prisma over the api's pool: one client for all who read or write what is cold.
import { Module } from '@nestjs/common';
import { PostgresModule, storeProviders } from '@quittance/modules';
import { PrismaService } from '@quittance/persistence';

@Module({
  imports: [PostgresModule],
  providers: storeProviders(PrismaService),
  exports: [PrismaService],
})
export class PrismaModule {}
