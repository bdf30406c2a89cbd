// Prisma's client as a provider.
import { Injectable } from '@nestjs/common';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from '../generated/client.js';
import { CONNECTIONS, settings } from '../settings.js';

@Injectable()
export class PrismaService extends PrismaClient {
  constructor() {
    const { databaseUrl: connectionString } = settings;
    super({ adapter: new PrismaPg({ connectionString, max: CONNECTIONS }) });
  }
}
