import { describe, expect, it } from 'vitest';
import { type AdapterBench, proUser, withFlag } from './bench.js';

export function oneFlagSetBehaviour({ start, serve, openFeatureClient, change }: AdapterBench): void {
  describe('one flag set per request', () => {
    it('gives the same value twice while the document changes', async () => {
      const { halyard, store } = await start();
      const client = await openFeatureClient(halyard);
      const get = await serve(
        { flags: halyard },
        {
          route: '/',
          async handle({ flags }) {
            const read = async () => [
              flags.boolean('payments', false),
              await client.getBooleanValue('payments', false),
            ];
            const before = await read();
            if (before[0] === true) await change(halyard, store, withFlag('payments', { serve: 'off' }));
            return [...before, ...(await read()), halyard.boolean('payments', false)];
          },
        },
      );
      expect((await get('/')).json).toEqual([true, true, true, true, false]);
      expect((await get('/')).json).toEqual([false, false, false, false, false]);
    });

    it('holds for a second flags() in the same request', async () => {
      const { halyard, store } = await start();
      const get = await serve(
        { flags: halyard },
        { before: () => change(halyard, store, withFlag('payments', { serve: 'off' })) },
        { flags: halyard },
        { route: '/', handle: ({ flags }) => flags.boolean('payments', false) },
      );
      expect((await get('/')).json).toBe(true);
    });

    it('is evaluated at one instant', async () => {
      let now = Date.UTC(2027, 0, 1);
      const { halyard, store } = await start({ clock: { now: () => now } });
      const rollout = { start: '2027-01-01T00:00:00Z', stages: [{ percentage: 0, hours: 1 }, { percentage: 100 }] };
      await change(halyard, store, withFlag('timed', { rollout }));
      const get = await serve(
        { flags: halyard, options: { context: () => proUser } },
        {
          route: '/',
          handle({ flags }) {
            const before = flags.boolean('timed', false);
            now += 2 * 60 * 60 * 1_000;
            return [before, flags.boolean('timed', false)];
          },
        },
      );
      expect((await get('/')).json).toEqual([false, false]);
      expect((await get('/')).json).toEqual([true, true]);
    });

    it('serves every kind of read', async () => {
      const { halyard } = await start();
      const get = await serve(
        { flags: halyard, options: { context: () => proUser } },
        {
          route: '/',
          handle: ({ flags }) => ({
            text: flags.string('banner', 'none'),
            number: flags.number('no-such', 3),
            object: flags.object('no-such', ['x']),
            details: flags.details('pro-feature', false),
            all: flags.all(),
            explanation: String(flags.explain('pro-feature')),
          }),
        },
      );
      expect((await get('/')).json).toMatchObject({
        text: 'Spring!',
        number: 3,
        object: ['x'],
        details: { value: true, variant: 'on', reason: 'TARGETING_MATCH', rule: 1 },
        all: { payments: true, 'pro-feature': true },
        explanation: expect.stringContaining('rule 1'),
      });
    });
  });
}
