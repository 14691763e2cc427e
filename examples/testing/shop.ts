import express, { type Express } from 'express';
import type { FlagDocument, Halyard } from 'halyard';
import { flags, requireFlag } from 'halyard/express';

/** The flags of this shop, as its flags.yaml says them. */
export const shopFlags: FlagDocument = {
  version: 1,
  flags: {
    'free-delivery': { rollout: 20 },
    'button-color': {
      kind: 'experiment',
      variants: { control: 'blue', a: 'green', b: 'red' },
      split: { control: 2, a: 1, b: 1 },
    },
    'winter-sale': { rules: [{ from: '2026-12-01', until: '2027-01-07', serve: 'on' }], serve: 'off' },
  },
};

/** What delivery costs a customer. */
export function deliveryFee(halyard: Halyard, customer: string, total: number): number {
  return halyard.boolean('free-delivery', false, { targetingKey: customer }) && total >= 50 ? 0 : 5;
}

export function createShop(halyard: Halyard): Express {
  const app = express();
  app.use(flags(halyard, { context: (req) => ({ targetingKey: req.get('x-customer') }) }));
  app.get('/', (req, res) => {
    res.json({ color: req.flags.string('button-color', 'blue'), sale: req.flags.boolean('winter-sale', false) });
  });
  app.get('/sale', requireFlag(halyard, 'winter-sale'), (_req, res) => {
    res.send('Everything must go.');
  });
  return app;
}
