import type { EvaluationContext } from '../evaluation/evaluation-context.js';
import { DEEPEST } from './canonical-json.js';
import { OfrepProblem } from './ofrep-problem.js';

const NOTHING: EvaluationContext = Object.freeze({});

/**
 * The context of a request's body.
 * @throws OfrepProblem (400) if the body or its context is no object, or nested too deep
 */
export function parseClientContext(body: unknown): EvaluationContext {
  if (body === undefined) return NOTHING;
  if (!isObject(body)) throw new OfrepProblem('PARSE_ERROR', 'The body must be a JSON object.');
  const context = Object.hasOwn(body, 'context') ? body['context'] : NOTHING;
  if (!isObject(context)) throw new OfrepProblem('INVALID_CONTEXT', 'The context must be an object of attributes.');
  if (!isShallow(context, DEEPEST)) {
    throw new OfrepProblem('INVALID_CONTEXT', `The context must not be nested deeper than ${DEEPEST} levels.`);
  }
  return context;
}

/**
 * What a client says about itself, under what the server knows. A client can't say anything about an attribute that the
 * server has a word about, not even that it is `undefined`, and neither about a part of it: `company.plan` is taken from
 * it if `company` is the server's, and the other way round.
 * @param known what the server knows, weakest first
 */
export function withKnown(client: EvaluationContext, known: readonly EvaluationContext[]): EvaluationContext {
  const ours = known.filter((layer) => Object.keys(layer).length > 0);
  if (ours.length === 0) return client;
  const names = ours.flatMap((layer) => Object.keys(layer));
  const merged = new Map(Object.entries(client).filter(([name]) => !names.some((one) => isRelated(name, one))));
  // `null` is missing, as `undefined` is, but it stands: no path leads around it.
  for (const layer of ours) for (const [name, value] of Object.entries(layer)) merged.set(name, value ?? null);
  return Object.fromEntries(merged);
}

/** Whether two names of attributes are the same, or one is a path into the other. */
function isRelated(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((member) => isShallow(member, levels - 1));
}
