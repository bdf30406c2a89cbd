// Provides Prisma's client to the modules that need it.
import { Module } from '@nestjs/common';
import { PrismaService } from './prisma.service.js';

@Module({ providers: [PrismaService], exports: [PrismaService] })
export class PrismaModule {}
