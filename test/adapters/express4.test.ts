import { createRequire } from 'node:module';
import type express from 'express';
import { adapterContract } from '../contracts/adapter.js';
import { expressBehaviour } from './express-behaviour.js';
import { expressHarness } from './express-harness.js';

const express4 = createRequire(import.meta.url)('express4') as typeof express;

adapterContract('Express 4', expressHarness(express4));
expressBehaviour('Express 4', express4);
