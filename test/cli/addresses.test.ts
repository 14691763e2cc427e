import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { halyardIn } from './halyard-command.js';

/** The port of a server that takes connections, and never says a word. */
async function silentPort(): Promise<number> {
  const server = createServer();
  const sockets: { destroy(): void }[] = [];
  server.on('connection', (socket) => sockets.push(socket));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

describe('an address with a password', () => {
  it.each(['redis://:secret/x@localhost', 'redis://:secret%zz@localhost', 'postgres://a:secret@localhost:99999/db'])(
    'that has no form is refused without it: %s',
    async (address) => {
      const { run } = halyardIn({});
      const { err, exitCode } = await run('list', '--store', address);
      expect(err).toContain('--store: this address has no form that can be read.');
      expect(err).not.toContain('secret');
      expect(exitCode).toBe(2);
    },
  );

  it.each(['redis:secret@localhost', 'postgres//a:secret@localhost/db', 'https:/a:secret@localhost'])(
    'that lacks a colon or a slash is taken for no file: %s',
    async (address) => {
      const { run } = halyardIn({});
      const { err, exitCode } = await run('list', '--store', address);
      expect(err).toMatch(/^halyard: --store: an address begins with (redis|postgres|https):\/\/,/);
      expect(err).not.toContain('secret');
      expect(exitCode).toBe(2);
    },
  );

  it('of metrics that are away is named without it', async () => {
    const { run } = halyardIn({});
    const { err, exitCode } = await run('watch', '--once', '--metrics', 'http://ana:secret@127.0.0.1:1/metrics');
    expect(err).toBe("halyard: http://127.0.0.1:1/metrics can't be read: bad port\n");
    expect(exitCode).toBe(3);
  });
});

describe('a Redis that takes connections and never answers', () => {
  it('is given up after 5 seconds', async () => {
    const { run } = halyardIn({});
    const port = await silentPort();
    expect(await run('list', '--store', `redis://127.0.0.1:${port}`)).toEqual({
      out: '',
      err: `halyard: redis://127.0.0.1:${port} can't be reached: no answer within 5 s\n`,
      exitCode: 3,
    });
  });
});

describe('an address with a file that has no name', () => {
  it.each(['', ' ', ',', 'flags.yaml,'])('is refused: "%s"', async (address) => {
    const { run } = halyardIn({ 'flags.yaml': 'version: 1\nflags: {}\n' });
    const { err, exitCode } = await run('list', '--store', address);
    expect(err).toContain(`--store: a file without a name in "${address}". Expected a file (flags.yaml;`);
    expect(exitCode).toBe(2);
  });
});
