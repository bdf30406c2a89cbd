// The app that the documentation of NestJS, BullMQ and Prisma leads to: Express, processors,
// Prisma's client, `fetch`. Its one guarantee is that a reference is unique.
import 'reflect-metadata';
import { ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { settings } from './settings.js';

const PORTS = { api: settings.apiPort, webhook: settings.webhookPort };

process.on('disconnect', () => process.exit());
const { role } = settings;
const module = AppModule.withRole(role);
if (role === 'api' || role === 'webhook') {
  const app = await NestFactory.create(module);
  app.useGlobalPipes(new ValidationPipe());
  await app.listen(PORTS[role], '127.0.0.1');
} else {
  await NestFactory.createApplicationContext(module);
}
process.send?.('ready');
