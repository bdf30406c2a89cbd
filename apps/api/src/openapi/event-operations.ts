// The operation on events, as described to callers.
import { listEventsQuery } from '../events/list-events-query.js';
import { answer, json, needs, type PathsObject, problems, queryParameters } from './operation.js';

export const eventPaths: PathsObject = {
  '/v1/events': {
    get: {
      operationId: 'listEvents',
      summary: 'Catch up on events',
      description:
        'Every transition of all your payments, oldest first, as CloudEvents 1.0. Store `next` and pass it as ' +
        '`after`: no event is skipped, not even one that is committed late.',
      tags: ['Events'],
      ...needs('payments:read'),
      parameters: queryParameters(listEventsQuery),
      responses: {
        200: answer('A page of events.', json('EventPage')),
        ...problems(401, 403, 422, 429, 503),
      },
    },
  },
};
