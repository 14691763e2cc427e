import { describe, expect, it } from 'vitest';
import type { Halyard } from '../../../src/halyard.js';
import type { Step } from '../adapter-harness.js';
import { type AdapterBench, SECRET } from './bench.js';

export function optionsBehaviour({ start, serve }: AdapterBench): void {
  describe('wrong options', () => {
    const rejects = async (step: (halyard: Halyard) => Step, message: string | RegExp) => {
      const { halyard } = await start();
      await expect(serve(step(halyard))).rejects.toThrow(message);
    };

    it.each<[string, object, string]>([
      ['an unknown option', { contxt: () => ({}) }, ': unknown option `contxt`. Did you mean `context`?'],
      [
        'a timeout of 0',
        { contextTimeoutMs: 0 },
        ': option `contextTimeoutMs`: expected a number of milliseconds above 0, of at most 24 days, found 0.',
      ],
      [
        'no secret',
        { anonymous: { secret: undefined } },
        ': option `anonymous`: option `secret`: expected a text of at least 32 characters, or several, found nothing.',
      ],
      ['a short secret', { anonymous: { secret: [SECRET, 'short'] } }, 'at least 32 characters'],
      ['no secrets', { anonymous: { secret: [] } }, 'at least 32 characters'],
      ['a bad cookie name', { anonymous: { secret: SECRET, cookie: 'a b' } }, 'a cookie name'],
      ['sameSite none without secure', { anonymous: { secret: SECRET, sameSite: 'none' } }, 'secure: true'],
      [
        'a prefix that wants TLS, without secure',
        { anonymous: { secret: SECRET, cookie: '__Secure-id' } },
        "`cookie: '__Secure-id'` needs `secure: true`: browsers drop the cookie otherwise.",
      ],
      [
        'a prefix of one host, with a domain',
        { anonymous: { secret: SECRET, cookie: '__Host-id', secure: true, domain: 'a.example' } },
        "`cookie: '__Host-id'` needs `path: '/'` and no `domain`",
      ],
      [
        'an address for a domain',
        { anonymous: { secret: SECRET, domain: 'https://a.example' } },
        'option `domain`: expected a domain like example.com, found "https://a.example".',
      ],
      [
        'a short secret of forced variants',
        { forced: { secret: 'short' } },
        ': option `forced`: option `secret`: expected',
      ],
      ['a wrong word about forced variants', { forced: { secret: SECRET, allowed: [] } }, 'Did you mean `allow`?'],
      ['an attribute with a semicolon', { anonymous: { secret: SECRET, path: '/; Domain=evil' } }, 'a path'],
    ])('of flags() throw at construction: %s', (_, options, message) =>
      rejects((halyard) => ({ flags: halyard, options }), message),
    );

    it.each<[object, string]>([
      [
        { retryAfterSeconds: -1 },
        'killSwitch: option `retryAfterSeconds`: expected a whole number of seconds, 0 or more, found -1.',
      ],
      [{ retryAfterSeconds: 1.5 }, 'found 1.5'],
      [{ retryAfter: 30 }, 'killSwitch: unknown option `retryAfter`. There are `retryAfterSeconds`, `fallback`.'],
    ])('of killSwitch() throw at construction: %j', (options, message) =>
      rejects((halyard) => ({ killSwitch: 'payments', of: halyard, options }), message),
    );

    it.each([200, 399, 600, 404.5])('of requireFlag() throw at construction: status %d', (status) =>
      rejects((halyard) => ({ requireFlag: 'beta', of: halyard, options: { status } }), `found ${status}`),
    );

    it('never repeat a secret', () =>
      rejects((halyard) => ({ flags: halyard, options: { anonymous: { secret: 'hunter2' } } }), /^(?!.*hunter2).*$/));

    it('say so when something else than a Halyard came', async () => {
      await expect(serve({ flags: {} as Halyard })).rejects.toThrow(
        'flags: expected the Halyard that createHalyard() resolves with, found an object.',
      );
      await expect(serve({ killSwitch: 'x', of: 'payments' as never })).rejects.toThrow('found "payments".');
      const promise = start().then(({ halyard }) => halyard);
      await expect(serve({ killSwitch: 'x', of: promise as never })).rejects.toThrow('Await it first');
      await promise;
    });
  });
}
