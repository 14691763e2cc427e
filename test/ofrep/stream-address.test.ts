import { describe, expect, it } from 'vitest';
import type { HttpRequest } from '../../src/http/http-request.js';
import { createStreamAddress } from '../../src/ofrep/stream-address.js';

describe('the address of the event stream', () => {
  it.each(['//evil.example', '/\\evil.example', '\\\\evil.example', '///evil.example'])(
    'stays at its origin, however the path before it was written: %s',
    (mountPath) => {
      const address = createStreamAddress([], undefined, undefined).of({ mountPath } as HttpRequest);
      expect(new URL(address, 'https://shop.example').origin).toBe('https://shop.example');
    },
  );
});
