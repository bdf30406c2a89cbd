// Serves create requests.
import { Body, Controller, HttpCode, HttpStatus, Post, UseGuards } from '@nestjs/common';
import { ApiKeyGuard } from './api-key.guard.js';
import { CreatePaymentDto } from './create-payment.dto.js';
import { PaymentsService } from './payments.service.js';

@Controller('v1/payment-intents')
@UseGuards(ApiKeyGuard)
export class PaymentsController {
  constructor(private readonly payments: PaymentsService) {}

  @Post()
  @HttpCode(HttpStatus.ACCEPTED)
  create(@Body() payment: CreatePaymentDto) {
    return this.payments.create(payment);
  }
}
