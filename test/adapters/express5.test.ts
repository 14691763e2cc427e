import express from 'express';
import { adapterContract } from '../contracts/adapter.js';
import { expressBehaviour } from './express-behaviour.js';
import { expressHarness } from './express-harness.js';

adapterContract('Express 5', expressHarness(express));
expressBehaviour('Express 5', express);
