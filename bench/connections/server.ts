// The server of measure.ts, in a process of its own so that the client's CPU time is the client's
// alone.
import { readFileSync } from 'node:fs';
import { createServer as createPlain, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTls } from 'node:https';
import type { AddressInfo } from 'node:net';

const [folder] = process.argv.slice(2);
const answer = (request: IncomingMessage, response: ServerResponse) => {
  request.resume().once('end', () => response.end('{"transID":"1","order_status":"1"}'));
};
const certified = {
  key: readFileSync(`${folder}/key.pem`),
  cert: readFileSync(`${folder}/cert.pem`),
};
const servers = [createPlain(answer), createTls(certified, answer)];
await Promise.all(
  servers.map((server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))),
);
process.send?.(servers.map((server) => (server.address() as AddressInfo).port));
process.once('disconnect', () => process.exit());
