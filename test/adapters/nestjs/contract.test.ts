import { adapterContract } from '../../contracts/adapter.js';
import { nestHarness } from './harness.js';
import { platforms } from './platforms.js';

for (const platform of platforms) adapterContract(`Nest on ${platform.name}`, nestHarness(platform));
