import { ConfigError, loadConfig } from '@quittance/platform';
import { ordersConfig } from './config.js';

const complete = {
  ORDERS_DATABASE_URL: 'postgres://orders:secret@127.0.0.1:5432/orders',
  REDIS_URL: 'redis://127.0.0.1:6379',
};

const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    loadConfig(ordersConfig, env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};

describe('the settings of the order domain', () => {
  it('require only a database and Redis', () => {
    expect(problemsOf(complete)).toEqual([]);
  });

  it('are all reported at once when they are missing or invalid', () => {
    const problems = problemsOf({ ORDERS_PORT: '70000', ORDERS_SUBSCRIBER: 'a:b' });
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual([
      'ORDERS_PORT',
      'ORDERS_DATABASE_URL',
      'REDIS_URL',
      'ORDERS_SUBSCRIBER',
    ]);
  });

  it('leave connections for reading while events are handled', () => {
    const env = { ...complete, ORDERS_DATABASE_CONNECTIONS: '4', ORDERS_EVENT_TRANSACTIONS: '4' };
    expect(problemsOf(env)).toEqual([
      expect.stringContaining('ORDERS_EVENT_TRANSACTIONS must be below'),
    ]);
  });
});
