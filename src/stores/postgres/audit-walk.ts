import { type AuditEntry, type AuditFault, type AuditHead, type AuditSeals, digestOf } from './audit-chain.js';

/** An entry that must be there as it was. */
export interface AuditAnchor extends AuditHead {
  /** Who says so, for messages. */
  readonly keptBy: string;
}

/** What a walk along the whole audit trail must find. */
export interface AuditWalkOptions {
  readonly environment: string;
  /** With keys, what Halyard wrote must be sealed. */
  readonly seals: AuditSeals;
  readonly anchors: readonly AuditAnchor[];
  /** A version that must have its entry. */
  readonly version: string | undefined;
}

/** Checks the audit trail entry by entry, from the first to the last. */
export class AuditWalk {
  readonly #options: AuditWalkOptions;
  #head: AuditHead | undefined;
  #sealedUpTo = 0;
  /** The first entry that Halyard wrote without a seal, after the last one that is sealed. */
  #unsealed: number | undefined;
  #hasVersion: boolean;
  #fault: AuditFault | undefined;

  constructor(options: AuditWalkOptions) {
    this.#options = options;
    this.#hasVersion = options.version === undefined;
  }

  /** The last entry that was found right. */
  get head(): AuditHead | undefined {
    return this.#head;
  }

  /** The entry up to which all are sealed; 0: none is. */
  get sealedUpTo(): number {
    return this.#sealedUpTo;
  }

  /** What was found first. */
  get fault(): AuditFault | undefined {
    return this.#fault;
  }

  next(entry: AuditEntry): void {
    this.#fault ??= this.#check(entry);
    if (this.#fault !== undefined) return;
    const { sequence, digest, version, source, seal } = entry;
    this.#head = { sequence, digest };
    this.#hasVersion ||= version === this.#options.version;
    if (seal !== undefined) {
      this.#sealedUpTo = sequence;
      this.#unsealed = undefined;
    } else if (source === 'halyard') this.#unsealed ??= sequence;
  }

  /** After the last entry. */
  end(): void {
    const { anchors, seals, version } = this.#options;
    const after = (this.#head?.sequence ?? 0) + 1;
    const cutOff = anchors.find(({ sequence }) => sequence >= after);
    if (cutOff !== undefined) {
      const why = `the trail once went on to entry ${cutOff.sequence}, says ${cutOff.keptBy}`;
      this.#fault ??= fault(after, 'missing', why);
    }
    if (!this.#hasVersion) {
      this.#fault ??= fault(after, 'missing', `the flags are at version ${version ?? ''}, which no entry tells of`);
    }
    if (seals.areUsed && this.#unsealed !== undefined) {
      this.#fault ??= fault(this.#unsealed, 'no seal', 'it, and what follows, was written without a key');
    }
  }

  #check(entry: AuditEntry): AuditFault | undefined {
    const { environment, seals, anchors } = this.#options;
    const { sequence, content, digest, seal } = entry;
    const expected = (this.#head?.sequence ?? 0) + 1;
    if (sequence !== expected) return fault(expected, 'missing', `entry ${sequence} comes next`);
    if (!isItself(entry, environment) || digest !== digestOf(content, this.#head?.digest ?? '')) {
      return fault(sequence, 'altered', 'its text and its digest do not belong together');
    }
    const anchor = anchors.find((one) => one.sequence === sequence && one.digest !== digest);
    if (anchor !== undefined) {
      return fault(sequence, 'not the anchored one', `its digest was ${anchor.digest}, says ${anchor.keptBy}`);
    }
    const result = seal === undefined || !seals.areUsed ? 'right' : seals.check(seal, digest);
    if (result === 'wrong seal')
      return fault(sequence, result, 'it, or one before it, was written again without the key');
    return result === 'right' ? undefined : fault(sequence, result, 'it is sealed with a key that was not given');
  }
}

/** The columns beside the text say what the text says. */
function isItself({ content, sequence, version, source }: AuditEntry, environment: string): boolean {
  const told = parse(content);
  const isInPlace = told['environment'] === environment && told['sequence'] === sequence;
  return isInPlace && told['version'] === version && told['source'] === source;
}

function parse(content: string): Readonly<Record<string, unknown>> {
  try {
    return { ...(JSON.parse(content) as object) };
  } catch {
    return {};
  }
}

const words: Readonly<Record<AuditFault['problem'], string>> = {
  altered: 'was altered',
  missing: 'is missing',
  'not the anchored one': 'is not the one that was anchored',
  'wrong seal': 'has a wrong seal',
  'no seal': 'has no seal',
  'unknown key': 'has a seal of an unknown key',
};

function fault(sequence: number, problem: AuditFault['problem'], why: string): AuditFault {
  return { sequence, problem, message: `Entry ${sequence} of the audit trail ${words[problem]}: ${why}.` };
}
