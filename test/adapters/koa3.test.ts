import Koa from 'koa';
import { adapterContract } from '../contracts/adapter.js';
import { koaHarness } from './koa-harness.js';

adapterContract('Koa 3', koaHarness(Koa));
