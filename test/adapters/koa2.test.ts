import { createRequire } from 'node:module';
import type Koa from 'koa';
import { adapterContract } from '../contracts/adapter.js';
import { koaBehaviour } from './koa-behaviour.js';
import { koaHarness } from './koa-harness.js';

const Koa2 = createRequire(import.meta.url)('koa2') as typeof Koa;

adapterContract('Koa 2', koaHarness(Koa2));
koaBehaviour('Koa 2', Koa2);
