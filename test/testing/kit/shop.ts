import type { FlagDocument } from 'halyard';

/** Flags with real rules. */
export const shop: FlagDocument = {
  version: 1,
  flags: {
    'new-checkout': { rules: [{ name: 'staff', when: { role: 'staff' }, serve: 'on' }], rollout: 10 },
    'button-color': {
      kind: 'experiment',
      variants: { control: 'blue', a: 'green', b: 'red' },
      offVariant: 'control',
      rollout: 50,
      split: { control: 1, a: 1, b: 2 },
    },
    'old-checkout': { enabled: false },
    'express-pay': { requires: [{ flag: 'new-checkout' }], serve: 'on' },
    'company-theme': { by: 'company', rollout: 5 },
    'new-year': { rules: [{ from: '2027-01-01', serve: 'on' }], serve: 'off' },
  },
};

/** All tests end what they have started. */
export const closeAll = async (halyards: { close(): Promise<void> }[]): Promise<void> => {
  for (const halyard of halyards.splice(0)) await halyard.close();
};
