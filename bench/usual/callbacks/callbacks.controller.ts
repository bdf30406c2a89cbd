// Serves the gateway's callbacks, each at its payment's own address.
import { Body, Controller, HttpCode, HttpStatus, Param, Post } from '@nestjs/common';
import { CallbackDto } from './callback.dto.js';
import { CallbacksService } from './callbacks.service.js';

@Controller('callbacks')
export class CallbacksController {
  constructor(private readonly callbacks: CallbacksService) {}

  @Post(':id')
  @HttpCode(HttpStatus.OK)
  async receive(@Param('id') id: string, @Body() { data }: CallbackDto): Promise<void> {
    await this.callbacks.receive(id, data);
  }
}
