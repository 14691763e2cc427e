import type { Lint } from '../lint.js';

export const tooManyFlags: Lint = {
  rule: 'too-many-flags',
  description: 'One owner has more flags than anybody can look after (50, or --max-flags-per-owner).',
  *look({ flags }, { maxFlagsPerOwner }) {
    const byOwner = new Map<string, string[]>();
    for (const { key, owner } of flags.values()) {
      if (owner === undefined) continue;
      const keys = byOwner.get(owner);
      if (keys === undefined) byOwner.set(owner, [key]);
      else keys.push(key);
    }
    for (const [owner, keys] of byOwner) {
      const excess = keys[maxFlagsPerOwner];
      if (excess === undefined) continue;
      yield {
        path: ['flags', excess, 'owner'],
        message: `${owner} has ${keys.length} flags, where ${maxFlagsPerOwner} are allowed, and this is the first above. Remove those that have had their day.`,
      };
    }
  },
};
