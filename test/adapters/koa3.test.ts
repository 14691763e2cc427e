import Koa from 'koa';
import { adapterContract } from '../contracts/adapter.js';
import { koaBehaviour } from './koa-behaviour.js';
import { koaHarness } from './koa-harness.js';

adapterContract('Koa 3', koaHarness(Koa));
koaBehaviour('Koa 3', Koa);
