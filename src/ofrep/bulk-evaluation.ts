import type { EvaluationContext } from '../evaluation/evaluation-context.js';
import { matchesEntityTag } from '../http/entity-tag.js';
import type { HttpAnswer } from '../http/http-answer.js';
import type { HttpRequest } from '../http/http-request.js';
import { canonicalJson } from './canonical-json.js';
import type { ClientFlags } from './client-flags.js';
import { hash } from './exposed-flags.js';
import { jsonAnswer } from './json-answer.js';
import type { EventStreamEntry } from './stream-address.js';

export interface BulkEvaluationParts {
  readonly flags: ClientFlags;
  readonly readContext: (request: HttpRequest) => Promise<EvaluationContext>;
  /** What the answer says about event streams; `undefined`: there is none. */
  readonly streamFor: (request: HttpRequest) => EventStreamEntry | undefined;
  /** Loads what the store holds, because a client has heard of newer flags. Never rejects. */
  readonly catchUp: () => Promise<void>;
}

/**
 * Evaluates all flags that may leave the server. The entity tag is made of everything that can change the answer, so that
 * a client which has it already is told so without an evaluation, by whichever instance it asks.
 */
export function createBulkEvaluation(parts: BulkEvaluationParts): (request: HttpRequest) => Promise<HttpAnswer> {
  const { flags, readContext, streamFor, catchUp } = parts;
  return async (request) => {
    const context = await readContext(request);
    const told = toldTag(request);
    const isBehind = (): boolean => told !== undefined && told !== flags.lookLoaded().tag;
    if (isBehind()) await catchUp();
    const view = flags.lookLoaded();
    const stream = streamFor(request);
    const etag = `"${hash(`${view.tag}\n${JSON.stringify(stream)}\n${canonicalJson(context)}`)}"`;
    const headers = { ETag: etag };
    // Whom another instance told of flags that this one lacks must not be told that nothing changed.
    if (!isBehind() && matchesEntityTag(request.header('if-none-match'), etag)) {
      return { status: 304, headers, body: undefined };
    }
    const eventStreams = stream === undefined ? undefined : [stream];
    return jsonAnswer(200, { flags: flags.evaluateAll(view, context), eventStreams }, headers);
  };
}

/** The tag of the event that made the client ask, if one did. */
function toldTag(request: HttpRequest): string | undefined {
  return /^(?:W\/)?"?([\w-]{1,64})"?$/.exec(request.query.get('flagConfigEtag') ?? '')?.[1];
}
