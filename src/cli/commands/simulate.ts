import { Command, Option } from 'commander';
import { type StoreOptions, usingStore, withStoreOption } from '../addresses/store-option.js';
import type { Answer } from '../answer.js';
import { type AtOptions, withAtOption } from '../at-option.js';
import { type ContextOptions, contextOf, withAttributeOptions } from '../context.js';
import { withExamples } from '../examples.js';
import { flagOf, readFlags } from '../served-flags.js';
import { answering, type Session } from '../session.js';
import type { Simulation } from '../simulation/simulate-flag.js';
import { simulateFlag } from '../simulation/simulate-flag.js';
import { simulationText } from '../simulation/simulation-text.js';
import { bucketingAttributes, withRequired } from '../units/bucketing-attributes.js';
import { unitSource } from '../units/unit-source.js';

type SimulateOptions = StoreOptions & Omit<ContextOptions, 'unit'> & AtOptions & { readonly units: string };

export function simulateCommand(session: Session): Command {
  const command = new Command('simulate')
    .summary('how a flag divides many units')
    .description(
      'How a flag divides many units among its variants, beside the shares that it should, with a chi-squared test.',
    )
    .argument('<flag>', 'its key')
    .addOption(
      new Option(
        '-n, --units <number or file>',
        'made-up units, or a file: a targeting key a line, JSON lines, or CSV; - is stdin',
      ).default('10000'),
    );
  withAttributeOptions(command);
  withAtOption(command);
  withStoreOption(command);
  withExamples(command, {
    'halyard simulate new-checkout': 'the shares among 10,000 made-up units',
    'halyard simulate new-checkout --units 1000000 --set plan=pro': 'a million who are all on the plan `pro`',
    'halyard simulate new-checkout --units users.csv --at 2027-01-10': 'real users, on a day to come',
  });
  return answering(command, session, (key: string, options: SimulateOptions) =>
    usingStore(options, session.terminal, async (store) => {
      const { terminal } = session;
      const now = options.at ?? terminal.now();
      const flags = await readFlags(store, () => now);
      flagOf(flags, key);
      const common = contextOf(options, terminal);
      const bucketedBy = bucketingAttributes(withRequired(key, flags.served.parsed.flags), common);
      const units = unitSource({ given: options.units, common, bucketedBy }, terminal);
      return answerWith(key, units.name, now, await simulateFlag(key, flags, units.batches, now));
    }),
  );
}

function answerWith(key: string, unitsName: string, now: number, simulation: Simulation): Answer {
  const at = new Date(now).toISOString();
  return {
    data: {
      flagKey: key,
      at,
      ...simulation,
      decidedElsewhere: Object.fromEntries(simulation.decidedElsewhere),
      shares: simulation.shares.map(({ variant = null, expected = null, ...counts }) => ({
        variant,
        ...counts,
        expected,
      })),
      test: simulation.test ?? null,
    },
    text: (paper) => simulationText(`${key}: ${unitsName}, ${at}`, simulation, paper),
  };
}
