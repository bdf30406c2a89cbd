// The create request, with the checks of the versions by hand (`bench/by-hand/http.ts`).
import { Type } from 'class-transformer';
import { IsObject, Length, Matches, ValidateNested } from 'class-validator';
import type { PaymentRequest } from '../../load/payment.js';

export class CardDto {
  @Length(1, 200)
  number!: string;

  @Length(1, 200)
  cvv!: string;

  @Length(1, 200)
  exp_month!: string;

  @Length(1, 200)
  exp_year!: string;
}

export class CreatePaymentDto {
  @Length(1, 200)
  reference!: string;

  @Matches(/^(?=.*[1-9])\d{1,9}(\.\d{1,2})?$/)
  amount!: string;

  @Matches(/^[A-Z]{3}$/)
  currency!: string;

  @Length(1, 200)
  method!: string;

  @Length(1, 200)
  product_name!: string;

  @Length(1, 200)
  return_url!: string;

  @IsObject()
  @ValidateNested()
  @Type(() => CardDto)
  card!: CardDto;

  @IsObject()
  customer!: PaymentRequest['customer'];
}
