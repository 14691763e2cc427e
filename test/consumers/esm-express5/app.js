import { OpenFeature } from '@openfeature/server-sdk';
import express from 'express';
import { createHalyard, fileStore } from 'halyard';
import { flags, killSwitch, requireFlag } from 'halyard/express';
import { Registry } from 'prom-client';
import scenario from './scenario.cjs';

await scenario({ createHalyard, express, fileStore, flags, killSwitch, OpenFeature, Registry, requireFlag });
