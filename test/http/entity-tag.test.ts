import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesEntityTag } from '../../src/http/entity-tag.js';

const tag = fc.stringMatching(/^[A-Za-z0-9_-]{1,22}$/).map((text) => `"${text}"`);

describe('matchesEntityTag', () => {
  it('finds a tag among others, weak or strong', () => {
    fc.assert(
      fc.property(tag, fc.array(tag), fc.array(tag), fc.boolean(), (current, before, after, isWeak) => {
        const header = [...before, isWeak ? `W/${current}` : current, ...after].join(', ');
        expect(matchesEntityTag(header, current)).toBe(true);
      }),
    );
  });

  it('finds none that isn’t there, whatever the header is', () => {
    fc.assert(
      fc.property(fc.string(), tag, (header, current) => {
        fc.pre(!header.includes(current) && header.trim() !== '*');
        expect(matchesEntityTag(header, current)).toBe(false);
      }),
    );
  });

  it('takes no part of a tag for a tag', () => {
    expect(matchesEntityTag('"a,"b""', '"b"')).toBe(false);
    expect(matchesEntityTag('"ab"', '"b"')).toBe(false);
  });
});
