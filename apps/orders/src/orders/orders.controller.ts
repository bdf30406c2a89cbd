// What the order domain knows about an order.
import { Controller, Get, Inject, Param } from '@nestjs/common';
import { InvalidRequest } from '@quittance/platform';
import { Pool } from 'pg';
import { readFromDatabase } from '../orders-database.js';
import { findOrder, type OrderView } from './orders.js';

@Controller('orders')
export class OrdersController {
  constructor(@Inject(Pool) private readonly database: Pool) {}

  @Get(':reference')
  async find(@Param('reference') reference: string): Promise<OrderView> {
    // No reference holds one, and Postgres refuses text with it.
    if (reference.includes('\0')) throw InvalidRequest.notFound();
    const order = await readFromDatabase(() => findOrder(this.database, reference));
    if (!order) throw InvalidRequest.notFound('No event has told of an order with this reference.');
    return order;
  }
}
