import { expect } from 'vitest';
import { step, type StepDefinition } from './steps.js';
import type { World } from './world.js';

/** Halyards that come into each of the states for the reasons that they have in production. */
const registrations = {
  stable: async (world: World) => world.register(await world.start(), true),
  'not ready': async (world: World) => world.register(await world.start(() => new Promise(() => {})), false),
  error: async (world: World) => world.register(await world.start(() => Promise.reject(new Error('down'))), true),
  fatal: async (world: World) => {
    const halyard = await world.start();
    await halyard.close();
    await world.register(halyard, true);
  },
  stale: async (world: World) => {
    let isGone = false;
    const halyard = await world.start(() => (isGone ? Promise.reject(new Error('gone')) : undefined));
    await world.register(halyard, true);
    isGone = true;
    await halyard.refresh();
  },
} as const;

export const providerSteps: readonly StepDefinition<World>[] = [
  step(/^an? (stable|not ready|error|fatal|stale) provider$/, (world, status) =>
    registrations[status as keyof typeof registrations](world),
  ),
  step(/^a stable provider with retrievable context is registered$/, (world) => registrations.stable(world)),
  step(/^the provider status should be "(.*)"$/, (world, status) => expect(world.client.providerStatus).toBe(status)),
];
