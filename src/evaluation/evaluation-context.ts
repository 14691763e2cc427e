/**
 * What is known about the request or user that a flag is evaluated for. Values that no operator understands are
 * simply not equal to anything. One that throws when it is read makes the evaluation an error, with the caller's default.
 */
export interface EvaluationContext {
  /** Who or what is bucketed, unless a flag says otherwise: a user's id, a tenant's, a session's. */
  readonly targetingKey?: string | number | null | undefined;
  readonly [attribute: string]: unknown;
}

/** Reads one attribute; `undefined` and `null` mean that it is missing. */
export type AttributeReader = (context: EvaluationContext) => unknown;

/** Makes each reader once, however many conditions and buckets read the attribute. */
export class AttributeReaders {
  /** The static attributes under every evaluation. */
  readonly base: EvaluationContext;
  readonly #byName = new Map<string, AttributeReader>();

  constructor(base: EvaluationContext) {
    this.base = base;
  }

  of(name: string): AttributeReader {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    const made = createAttributeReader(name, this.base);
    this.#byName.set(name, made);
    return made;
  }
}

/**
 * A reader of the attribute called `name`. Only own properties count, so nothing on a prototype, polluted or not, is an
 * attribute. A key with dots is tried first as it stands; then the dots walk into structures.
 * What the context lacks is read from `base`, the static attributes under every evaluation.
 */
function createAttributeReader(name: string, base: EvaluationContext): AttributeReader {
  const find: AttributeReader = name.includes('.') ? createPathReader(name) : (context) => ownProperty(context, name);
  const inherited = find(base);
  if (inherited === undefined || inherited === null) return find;
  return (context) => find(context) ?? inherited;
}

function createPathReader(name: string): AttributeReader {
  const steps = name.split('.');
  return (context) => {
    if (Object.hasOwn(context, name)) return context[name];
    let value: unknown = context;
    for (const step of steps) {
      if (typeof value !== 'object' || value === null) return undefined;
      value = ownProperty(value, step);
    }
    return value;
  };
}

function ownProperty(object: object, name: string): unknown {
  return Object.hasOwn(object, name) ? (object as Record<string, unknown>)[name] : undefined;
}
