import { FORMAT, type Heading, splitLineId, writeRemoval } from '../stores/http/flag-lines.js';
import type { Edition } from './edition.js';
import type { Editions } from './editions.js';
import { PackedBody } from './packed-body.js';

/** How many different changes are kept packed. */
const MOST_CHANGES = 16;

/** What is sent of the current edition: made when somebody first asks for it, and then the same for all. */
export class FlagBodies {
  readonly #editions: Editions;
  #edition: Edition | undefined;
  #whole: PackedBody | undefined;
  /** By the tag of what they change. */
  readonly #changes = new Map<string, PackedBody>();

  constructor(editions: Editions) {
    this.#editions = editions;
  }

  whole(edition: Edition): PackedBody {
    this.#turnTo(edition);
    this.#whole ??= new PackedBody(write(edition, undefined, allLines(edition)));
    return this.#whole;
  }

  /** What changed since the edition with this tag; `undefined`: it isn't known any more. */
  changes(edition: Edition, base: string): PackedBody | undefined {
    this.#turnTo(edition);
    const known = this.#changes.get(base);
    if (known !== undefined) return known;
    const changed = this.#editions.changesSince(base);
    if (changed === undefined) return undefined;
    const body = new PackedBody(write(edition, base, theseLines(edition, changed)));
    if (this.#changes.size < MOST_CHANGES) this.#changes.set(base, body);
    return body;
  }

  #turnTo(edition: Edition): void {
    if (this.#edition === edition) return;
    this.#edition = edition;
    this.#whole = undefined;
    this.#changes.clear();
  }
}

function allLines({ lines }: Edition): readonly string[] {
  return Array.from(lines.values(), (part) => Array.from(part.values(), ({ text }) => text)).flat();
}

function theseLines({ lines }: Edition, ids: ReadonlySet<string>): readonly string[] {
  return Array.from(ids, (id) => {
    const [part, name] = splitLineId(id);
    return lines.get(part)?.get(name)?.text ?? writeRemoval(part, name);
  });
}

function write({ version, tag }: Edition, base: string | undefined, lines: readonly string[]): string {
  const heading: Heading = { format: FORMAT, version, tag, ...(base !== undefined && { base }), lines: lines.length };
  return `${[JSON.stringify(heading), ...lines].join('\n')}\n`;
}
