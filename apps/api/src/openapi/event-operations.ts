// The operation on events, as described to callers.
import { listEventsQuery } from '../events/list-events-query.js';
import {
  answer,
  header,
  json,
  needs,
  type PathsObject,
  preferWait,
  problems,
  queryParameters,
} from './operation.js';

export const eventPaths: PathsObject = {
  '/v1/events': {
    get: {
      operationId: 'listEvents',
      summary: 'Catch up on events',
      description:
        'Every transition of all your payments and refunds, oldest first, as CloudEvents 1.0. Store `next` and pass it as ' +
        '`after`: no event is skipped, not even one that is committed late. If an event after the cursor was deleted because ' +
        'of its age, the response is 410 `events_ended`. Without `after` the list begins with the oldest event that is left. ' +
        'With `Prefer: wait`, the response is held at the end of the list until there is an event.',
      tags: ['Events'],
      ...needs('payments:read'),
      parameters: [...queryParameters(listEventsQuery), preferWait],
      responses: {
        200: answer('A page of events.', json('EventPage'), {
          'Preference-Applied': header('`wait`, when the response was held as requested.'),
        }),
        ...problems(401, 403, 410, 422, 429, 503),
      },
    },
  },
};
