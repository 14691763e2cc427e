import assert from 'node:assert/strict';
import type { CaseGroup } from '../contract-case.js';

export const aboutItself: CaseGroup = {
  group: 'the store',
  cases: [
    {
      name: 'has a name, and says what it refuses and how much it holds',
      run: async ({ open }) => {
        const { name, refuses, maxBytes = 1 } = await open();
        assert.ok(typeof name === 'string' && name !== '', '`name` is a text that is not empty');
        assert.ok(['whole', 'flags'].includes(refuses), `\`refuses\` is "whole" or "flags", found ${refuses}`);
        assert.ok(maxBytes > 0, `\`maxBytes\` is a number of bytes above 0, found ${maxBytes}`);
      },
    },
    ...(
      [
        ['writing', ['update', 'updateState']],
        ['watching', ['watch']],
        ['history', ['history']],
        ['pushesDocuments', ['pushDocument']],
      ] as const
    ).map(
      ([need, methods]) =>
        ({
          name: `has ${methods.join(' and ')}`,
          needs: [need],
          run: async ({ open }) => {
            const store = await open();
            for (const method of methods) {
              const hint = `The harness says so; if the store can't do it, say why in \`without\`.`;
              assert.equal(typeof store[method], 'function', `\`${method}\` is a function. ${hint}`);
            }
          },
        }) satisfies CaseGroup['cases'][number],
    ),
  ],
};
