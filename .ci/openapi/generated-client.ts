// A client generated from the OpenAPI document, as a caller in another repository makes one.
import createClient from 'openapi-fetch';
import type { components, paths } from './api.js';

const api = createClient<paths>({ baseUrl: 'http://127.0.0.1:3000' });

export async function pay(
  payment: components['schemas']['CreatePaymentIntent'],
): Promise<components['schemas']['PaymentIntent']['status']> {
  const { data, error } = await api.POST('/v1/payment-intents', { body: payment });
  if (error) throw new Error(`${error.code}: ${error.detail}`);
  return data.status;
}
