// Goal: a port opens or the error gives the reason, and a stop loses no request. Method: real
// sockets on free ports.
import { Controller, Get, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { EventEmitter, once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { createLogger, StartFailure } from '@quittance/platform';
import { createHttpApp } from './http-app.js';
import { listen } from './listen.js';

const logger = createLogger({ name: 'test', level: 'silent' });
let answered: string[] = [];
const events = new EventEmitter();

@Controller()
class SlowController implements OnApplicationShutdown {
  @Get('slow')
  async slow(): Promise<string> {
    events.emit('asked');
    await once(events, 'free');
    answered.push('request');
    return 'done';
  }

  @Get('quick')
  quick(): string {
    return 'done';
  }

  beforeApplicationShutdown(): void {
    answered.push('stop taking work');
    events.emit('free');
  }

  onApplicationShutdown(): void {
    answered.push('close connections');
  }
}

@Module({ controllers: [SlowController] })
class SlowModule {}

const running: NestFastifyApplication[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((app) => app.close()));
  answered = [];
});

async function started(port = 0): Promise<{ app: NestFastifyApplication; url: string }> {
  const app = await createHttpApp(SlowModule, { logger });
  running.push(app);
  const url = await listen(app, { host: '127.0.0.1', port, portVariable: 'THINGS_PORT', logger });
  return { app, url };
}

/** Sends GET over a connection that the client keeps open. */
function get(url: string, agent: Agent): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { agent }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    })
      .on('error', reject)
      .end();
  });
}

describe('a port in use', () => {
  it('is reported with the variable that changes it', async () => {
    const { url } = await started();
    const port = Number(new URL(url).port);
    await expect(started(port)).rejects.toEqual(
      new StartFailure(`127.0.0.1:${port} is in use. Set THINGS_PORT to another port.`),
    );
  });
});

describe('a stop', () => {
  it('refuses new connections, releases long polls, answers requests in flight, then closes the rest', async () => {
    const { app, url } = await started();
    const agent = new Agent({ keepAlive: true });
    expect(await get(`${url}/quick`, agent)).toBe(200);
    const isAsked = once(events, 'asked');
    const slow = get(`${url}/slow`, agent);
    await isAsked;
    const closed = app.close();
    await expect(fetch(`${url}/quick`)).rejects.toThrow('fetch failed');
    expect(await slow).toBe(200);
    // Resolves long before the 65 s for which the client's connection could stay open.
    await closed;
    expect(answered).toEqual(['stop taking work', 'request', 'close connections']);
    agent.destroy();
  });

  it.each([
    ['has sent nothing', ''],
    ['stopped midway through a request', 'GET /quick HTTP/1.1\r\nhost:'],
  ])('does not wait for a client that %s', async (_, sent) => {
    const { app, url } = await started();
    const client = connect(Number(new URL(url).port), '127.0.0.1');
    await once(client, 'connect');
    client.write(sent);
    await get(`${url}/quick`, new Agent());
    const cutOff = once(client.resume(), 'close');
    await app.close();
    await cutOff;
  });
});
