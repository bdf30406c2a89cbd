// Installs event consumption in a Nest application with one call.
import { Catch, type INestApplication, type RpcExceptionFilter } from '@nestjs/common';
import { NestMicroservice } from '@nestjs/microservices';
import { type Observable, throwError } from 'rxjs';
import { EventTransport } from './event-transport.js';
import type { EventTransportOptions } from './transport-options.js';

/** Nest would log a handler's error and replace it by "Internal server error"; the delivery needs the error itself. */
@Catch()
class PassErrorsOn implements RpcExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}

/**
 * Delivers payment events to the `@EventPattern` handlers of the application's controllers until it is closed.
 * Call it after the application was created, before or after `listen`; it runs the application's init hooks first.
 */
export async function connectPaymentEvents(
  app: INestApplication,
  options: EventTransportOptions,
): Promise<EventTransport> {
  await app.init();
  const transport = new EventTransport(options);
  const microservice = app.connectMicroservice(
    { strategy: transport },
    { deferInitialization: true },
  );
  microservice.useGlobalFilters(new PassErrorsOn());
  // The application runs its own hooks; a deferred microservice would run them a second time.
  if (microservice instanceof NestMicroservice) microservice.setIsInitHookCalled(true);
  await microservice.listen();
  return transport;
}
