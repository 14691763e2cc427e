import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { isObject, isWholeNumber, type OptionChecks } from '../../options/check-options.js';

/** The place and the digest of an entry of the audit trail. Kept elsewhere, it anchors all entries up to this one. */
export interface AuditHead {
  /** Counted from 1. */
  readonly sequence: number;
  /** SHA-256 over this entry's text and the digest of the entry before, in hexadecimal. */
  readonly digest: string;
}

/** An entry of the audit trail as it is stored. */
export interface AuditEntry extends AuditHead {
  readonly version: string;
  /** Who wrote it: `halyard`, or for a change by hand `sql`, the trigger. */
  readonly source: string;
  /** JSON; exactly the text that is digested. */
  readonly content: string;
  readonly seal: string | undefined;
}

/** What a walk along the audit trail has found. */
export interface AuditReport {
  readonly isIntact: boolean;
  /** What is wrong first; `undefined`: nothing. */
  readonly fault: AuditFault | undefined;
  /** The last entry that is right; `undefined`: there is none. Keep it elsewhere, and pass it the next time. */
  readonly head: AuditHead | undefined;
  /** The entry up to which all are sealed; 0: none is. Only what is known with a key is told. */
  readonly sealedUpTo: number;
}

export interface AuditOptions {
  /**
   * What an earlier walk, or `onAuditHead`, has told: without it, an end that was cut off, and a trail that was written
   * again from the start, can't be noticed where the environment's row was altered with them.
   */
  readonly head?: AuditHead | undefined;
}

/** An anchor that can't be one would hold everything for right. */
export const auditChecks: OptionChecks<AuditOptions> = {
  head: {
    allowed: '{ sequence, digest } as an earlier verifyAudit() or onAuditHead gave it',
    isRight: isAuditHead,
  },
};

/** Whether a value can be a place and a digest. */
export function isAuditHead(value: unknown): value is AuditHead {
  if (!isObject(value)) return false;
  const { sequence, digest } = value as Partial<AuditHead>;
  return isWholeNumber(1)(sequence) && typeof digest === 'string' && /^[0-9a-f]{64}$/.test(digest);
}

/** What is wrong with the audit trail. */
export interface AuditFault {
  /** The first entry that isn't as it was written, or isn't there. */
  readonly sequence: number;
  readonly problem: 'altered' | 'missing' | 'wrong seal' | 'no seal' | 'unknown key' | 'not the anchored one';
  /** All of that in a sentence. */
  readonly message: string;
}

/** Digest of an entry, with that of the entry before; `''` for the first. */
export function digestOf(content: string, previous: string): string {
  return createHash('sha256').update(`${previous}\n${content}`).digest('hex');
}

/**
 * Seals digests, and so the entry and all before it, with a key that the database doesn't have. Of several keys, the
 * first seals, and all are known.
 */
export class AuditSeals {
  readonly #keys: ReadonlyMap<string, string>;
  readonly #first: string | undefined;

  constructor(keys: readonly string[]) {
    this.#keys = new Map(keys.map((key) => [nameOf(key), key]));
    this.#first = keys[0];
  }

  get areUsed(): boolean {
    return this.#first !== undefined;
  }

  /** `undefined`: there is no key. */
  seal(digest: string): string | undefined {
    return this.#first === undefined ? undefined : sealWith(this.#first, digest);
  }

  check(seal: string, digest: string): 'right' | 'wrong seal' | 'unknown key' {
    const key = this.#keys.get(seal.split(':')[0] ?? '');
    if (key === undefined) return 'unknown key';
    const [expected, found] = [Buffer.from(sealWith(key, digest)), Buffer.from(seal)];
    return expected.length === found.length && timingSafeEqual(expected, found) ? 'right' : 'wrong seal';
  }
}

const sealWith = (key: string, digest: string): string =>
  `${nameOf(key)}:${createHmac('sha256', key).update(digest).digest('hex')}`;

/** Tells keys apart, and tells nothing about them. */
const nameOf = (key: string): string =>
  createHmac('sha256', key).update('the name of this key').digest('hex').slice(0, 16);
