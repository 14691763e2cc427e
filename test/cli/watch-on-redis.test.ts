import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { RedisServer } from '../stores/redis/redis-server.js';
import { withRedis } from '../stores/redis/with-redis.js';
import { halyardIn } from './halyard-command.js';

await withRedis(() => {
  describe('halyard watch, on Redis', () => {
    it('goes on when the server was killed, and is back', { timeout: 120_000 }, async () => {
      const server = await RedisServer.start();
      onTestFinished(() => server.remove());
      const stopping = new AbortController();
      const written = { out: '', err: '' };
      const { run } = halyardIn(
        { 'flags.yaml': 'version: 1\nflags:\n  new-checkout: { rollout: 10 }\n' },
        {
          env: { HALYARD_STORE: server.url, HALYARD_BY: 'ana' },
          now: Date.now,
          signal: stopping.signal,
          out: (text) => void (written.out += text),
          err: (text) => void (written.err += text),
        },
      );
      await run('push', 'flags.yaml');
      const watching = run('watch');
      await vi.waitFor(() => expect(written.err).toContain('Watching'));
      await server.kill();
      await server.restart();
      expect((await run('rollout', 'new-checkout', '25')).exitCode).toBe(0);
      await vi.waitFor(() => expect(written.out).toContain('new-checkout: rollout 10 % → 25 %'));
      stopping.abort();
      expect((await watching).exitCode).toBe(0);
    });
  });
});
