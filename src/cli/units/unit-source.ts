import type { EvaluationContext } from '../../evaluation/evaluation-context.js';
import { counted } from '../output/counted.js';
import { CommandError } from '../command-error.js';
import { EXIT } from '../exit-code.js';
import type { Terminal } from '../terminal.js';
import { unitsInFile, unitsInText } from './unit-file.js';

/** Whom a command asks about, a batch at a time: a million of them are never in memory at once. */
export interface UnitSource {
  /** For people: `10,000 made-up units`, `the units of users.csv`. */
  readonly name: string;
  readonly batches: AsyncIterable<readonly EvaluationContext[]>;
}

export interface UnitSourceOptions {
  /** How many to make up, or a file of them, or `-` for what is written to the command. */
  readonly given: string;
  /** What all have, unless they say it themselves. */
  readonly common: EvaluationContext;
  /** The attributes that flags bucket by, beside the targeting key: units that are made up have them, too. */
  readonly bucketedBy: readonly string[];
}

const BATCH = 10_000;
/** More would take hours, and show nothing that fewer don't. */
const MOST_MADE_UP = 1_000_000_000;

/** Made-up units `user-0`, `user-1`, … or those of a file. Nothing is read before the first batch is asked for. */
export function unitSource({ given, common, bucketedBy }: UnitSourceOptions, terminal: Terminal): UnitSource {
  const count = countIn(given);
  if (count !== undefined) {
    const name = counted(count, 'made-up unit');
    return { name, batches: madeUpUnits(count, common, bucketedBy, terminal.signal) };
  }
  if (given === '-') return { name: 'the units of stdin', batches: inBatches(unitsInText(terminal, common), terminal) };
  return { name: `the units of ${given}`, batches: inBatches(unitsInFile(given, terminal, common), terminal) };
}

/**
 * `10000`, `10_000`, `10,000` and `1e4` are numbers; everything else is a file's name.
 * @throws CommandError for none, and for more than can be made up in a person's time
 */
function countIn(given: string): number | undefined {
  if (!/^\d[\d_,]*(e\d{1,2})?$/i.test(given)) return undefined;
  const count = Number(given.replaceAll(/[_,]/g, ''));
  if (count >= 1 && count <= MOST_MADE_UP) return count;
  throw new CommandError(
    EXIT.usage,
    `--units: expected from 1 to ${MOST_MADE_UP.toLocaleString('en-US')} units to make up, found ${given}.`,
  );
}

async function* madeUpUnits(
  count: number,
  common: EvaluationContext,
  bucketedBy: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<readonly EvaluationContext[]> {
  for (let start = 0; start < count; start += BATCH) {
    yield Array.from({ length: Math.min(BATCH, count - start) }, (_, index) => {
      const unit = `user-${start + index}`;
      return { ...common, ...Object.fromEntries(bucketedBy.map((name) => [name, unit])), targetingKey: unit };
    });
    await breathe(signal);
  }
}

async function* inBatches(
  units: AsyncIterable<EvaluationContext>,
  { signal }: Terminal,
): AsyncGenerator<readonly EvaluationContext[]> {
  let batch: EvaluationContext[] = [];
  for await (const unit of units) {
    if (batch.push(unit) < BATCH) continue;
    yield batch;
    batch = [];
    await breathe(signal);
  }
  if (batch.length > 0) yield batch;
}

/** Lets Ctrl-C be heard between two batches. */
async function breathe(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  signal.throwIfAborted();
}
