import { EventEmitter, once } from 'node:events';
import { createLogger } from '../logging.js';
import { stopOnSignals } from './stop-on-signals.js';

const logger = createLogger({ name: 'test', level: 'silent' });

class FakeHost extends EventEmitter {
  readonly exited: Promise<number>;
  exit!: (code: number) => void;

  constructor() {
    super();
    this.exited = new Promise((resolve) => {
      this.exit = resolve;
    });
  }
}

const neverCloses = () => new Promise<void>(() => undefined);

describe('a signal', () => {
  it.each(['SIGTERM', 'SIGINT'])('%s closes the app, then exits 0', async (signal) => {
    const host = new FakeHost();
    let isClosed = false;
    const close = async () => {
      isClosed = true;
    };
    stopOnSignals({ close }, { logger }, host);
    host.emit(signal, signal);
    expect(await host.exited).toBe(0);
    expect(isClosed).toBe(true);
  });

  it('exits 1 when the app cannot be closed', async () => {
    const host = new FakeHost();
    stopOnSignals({ close: () => Promise.reject(new Error('stuck')) }, { logger }, host);
    host.emit('SIGTERM', 'SIGTERM');
    expect(await host.exited).toBe(1);
  });

  it('exits 1 when closing takes longer than its limit', async () => {
    const host = new FakeHost();
    stopOnSignals({ close: neverCloses }, { logger, limitMs: 1 }, host);
    host.emit('SIGTERM', 'SIGTERM');
    expect(await host.exited).toBe(1);
  });

  it('exits 1 at once when it comes twice', async () => {
    const host = new FakeHost();
    const close = async () => void (await once(host, 'closed'));
    stopOnSignals({ close }, { logger }, host);
    host.emit('SIGINT', 'SIGINT');
    host.emit('SIGINT', 'SIGINT');
    expect(await host.exited).toBe(1);
    host.emit('closed');
  });
});

describe('a process that finds itself broken', () => {
  it('closes the app, then exits 70', async () => {
    const host = new FakeHost();
    let isClosed = false;
    const close = async () => {
      isClosed = true;
    };
    const end = stopOnSignals({ close }, { logger }, host);
    end('it consumes nothing');
    expect(await host.exited).toBe(70);
    expect(isClosed).toBe(true);
  });

  it('exits 1 when closing takes longer than its limit, as a stuck app may', async () => {
    const host = new FakeHost();
    stopOnSignals({ close: neverCloses }, { logger, limitMs: 1 }, host)('it consumes nothing');
    expect(await host.exited).toBe(1);
  });

  it('exits 0 when a signal came first', async () => {
    const host = new FakeHost();
    const end = stopOnSignals({ close: async () => {} }, { logger }, host);
    host.emit('SIGTERM', 'SIGTERM');
    end('it consumes nothing');
    expect(await host.exited).toBe(0);
  });
});
