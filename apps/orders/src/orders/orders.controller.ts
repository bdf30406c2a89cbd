// Serves the orders as the order domain knows them.
import { Controller, Get, Param, Query } from '@nestjs/common';
import { InvalidRequest } from '@quittance/platform';
import { Pool } from 'pg';
import { z } from 'zod';
import { readFromDatabase } from '../orders-database.js';
import { findOrder, type OrderView } from './orders.js';

/** The query string of `GET /orders/:reference`. */
const findOrderQuery = z.strictObject({
  merchant: z
    .string()
    .regex(/^mer_[0-9a-z]{1,40}$/, 'Must be the id of a merchant.')
    .optional(),
});

@Controller('orders')
export class OrdersController {
  constructor(private readonly database: Pool) {}

  @Get(':reference')
  async find(
    @Param('reference') reference: string,
    @Query({ schema: findOrderQuery }) { merchant }: z.infer<typeof findOrderQuery>,
  ): Promise<OrderView> {
    // No reference contains NUL, and Postgres rejects a text with it.
    if (reference.includes('\0')) throw InvalidRequest.notFound();
    const order = await readFromDatabase(() => findOrder(this.database, reference, merchant));
    if (!order) throw InvalidRequest.notFound('No event has named an order with this reference.');
    return order;
  }
}
