/**
 * A process that serves flags from a file or from another such process: `serve.mjs FRAMEWORK PORT TOKEN FILE-OR-ADDRESS`. It
 * prints the port that it listens on. Runs the built package.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import express from 'express';
import { createHalyard, fileStore, httpStore } from 'halyard';
import { serve } from 'halyard/express';
import { serve as serveKoa } from 'halyard/koa';
import { syncHandler } from 'halyard/sync';
import Koa from 'koa';

const [framework, port, token, source] = process.argv.slice(2);
const isAddress = source.startsWith('http');
const store = isAddress
  ? httpStore(source, { token, pollMs: 200, timeoutMs: 1_000 })
  : fileStore(source, { pollMs: 200 });
const logger = { debug() {}, info() {}, warn() {}, error() {} };
const halyard = await createHalyard({ store, startWithout: true, logger });
const handler = syncHandler(halyard, { token, eventStream: { heartbeatSeconds: 1 } });
const listeners = {
  express: () => express().use(serve(handler)),
  koa: () => new Koa().use(serveKoa(handler)).callback(),
};
const server = createServer(listeners[framework]()).listen(Number(port), '127.0.0.1');
await once(server, 'listening');
console.log(server.address().port);
