import { Agent, type ClientRequest } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { EVALUATIONS, scrape } from '../../telemetry/scrape.js';
import type { TestRequest } from '../adapter-harness.js';
import { type AdapterBench, pass, passport } from './bench.js';
import { createGate } from './gate.js';

export function countersBehaviour({ start, serve, openFeatureClient, endings }: AdapterBench): void {
  describe('the counters', () => {
    async function startCounting() {
      const registry = new Registry();
      const { halyard } = await start({ registry });
      return { halyard, evaluations: () => scrape(registry, EVALUATIONS), registry };
    }

    it('count each read once, whoever asks', async () => {
      const { halyard, evaluations } = await startCounting();
      const client = await openFeatureClient(halyard);
      const get = await serve(
        { flags: halyard },
        { killSwitch: 'payments', of: halyard },
        {
          route: '/',
          steps: [{ requireFlag: 'payments', of: halyard }],
          handle: async ({ flags }) => [
            flags.boolean('payments', false),
            await client.getBooleanValue('payments', false),
          ],
        },
      );
      for (let request = 0; request < 3; request += 1) await get('/');
      await get('/', { method: 'HEAD' });
      expect(await evaluations()).toEqual({ 'flag_key=payments,variant=on,reason=static': 16 });
    });

    it('count what guards ask and block, with flags() before them or without', async () => {
      const { halyard, evaluations, registry } = await startCounting();
      const disabled = { killSwitch: 'disabled', of: halyard };
      const get = await serve(
        { route: '/bare', steps: [disabled], handle: () => 'passed' },
        { flags: halyard },
        { route: '/', steps: [disabled], handle: () => 'passed' },
        { route: '/beta', steps: [{ requireFlag: 'served-off', of: halyard }], handle: () => 'passed' },
      );
      for (const path of ['/bare', '/', '/beta']) await get(path);
      expect(await evaluations()).toEqual({
        'flag_key=disabled,variant=off,reason=disabled': 2,
        'flag_key=served-off,variant=off,reason=static': 1,
      });
      const blocked = await scrape(registry, 'feature_flag_kill_switch_blocked_total');
      expect(blocked).toEqual({ 'flag_key=disabled': 2 });
    });

    it('count what a handler asked before it threw', async () => {
      const { halyard, evaluations } = await startCounting();
      const get = await serve(
        { flags: halyard },
        {
          route: '/',
          async handle({ flags }) {
            flags.boolean('payments', false);
            await nextTurn();
            flags.boolean('payments', false);
            throw new Error('broken');
          },
        },
      );
      expect((await get('/')).status).toBe(500);
      expect(await evaluations()).toEqual({ 'flag_key=payments,variant=on,reason=static': 2 });
    });

    it('count what a handler asks when its client has left', async () => {
      const { halyard, evaluations } = await startCounting();
      const [isAsked, isLeft, isDone] = [createGate(), createGate(), createGate()];
      let leaving: ClientRequest | undefined;
      const get = await serve(
        { flags: halyard },
        {
          route: '/',
          async handle({ flags, outgoing }) {
            outgoing.once('close', isLeft.open);
            isAsked.open();
            await isLeft.isOpen;
            flags.boolean('payments', false);
            isDone.open();
          },
        },
      );
      const answer = get('/', { onSent: (sent) => (leaving = sent) });
      answer.catch(() => undefined);
      await isAsked.isOpen;
      leaving?.destroy();
      await isDone.isOpen;
      expect(await evaluations()).toEqual({ 'flag_key=payments,variant=on,reason=static': 1 });
    });

    it('miss none of 500 interleaved requests', async () => {
      const { halyard, evaluations } = await startCounting();
      const context = ({ user }: TestRequest) => ({ targetingKey: user });
      const get = await serve({ flags: halyard, options: { context } }, passport, {
        route: '/',
        async handle({ flags }) {
          await nextTurn();
          return flags.boolean('new-checkout', false);
        },
      });
      const agent = new Agent({ keepAlive: true, maxSockets: 50 });
      endings.push(() => agent.destroy());
      const users = Array.from({ length: 500 }, (_, index) => `user-${index}`);
      const answers = await Promise.all(users.map((user) => get('/', { agent, headers: { 'x-user': user } })));
      const on = answers.filter(({ json }) => json === true).length;
      expect(await evaluations()).toEqual({
        'flag_key=new-checkout,variant=on,reason=split': on,
        'flag_key=new-checkout,variant=off,reason=split': 500 - on,
      });
    });

    it('count each context that could not be made', async () => {
      const { halyard, registry } = await startCounting();
      const context = () => {
        throw new Error('broken');
      };
      const get = await serve(
        { flags: halyard, options: { context } },
        { route: '/', handle: ({ flags }) => [flags.boolean('beta', false), flags.context] },
        { ...pass, route: '/none' },
      );
      await get('/');
      await get('/');
      await get('/none');
      expect(await scrape(registry, 'feature_flag_context_errors_total')).toEqual({ '': 2 });
    });
  });
}
