import type { EvaluationContext } from '../evaluation/evaluation-context.js';
import { matchesEntityTag } from '../http/entity-tag.js';
import type { HttpAnswer } from '../http/http-answer.js';
import type { HttpRequest } from '../http/http-request.js';
import { canonicalJson } from './canonical-json.js';
import type { ClientFlags, ClientView } from './client-flags.js';
import { digest } from './digest.js';
import { jsonAnswer, notModifiedAnswer } from './json-answer.js';
import type { StreamAddress } from './stream-address.js';

export interface BulkEvaluationParts {
  readonly flags: ClientFlags;
  readonly readContext: (request: HttpRequest) => Promise<EvaluationContext>;
  /** Where changes are told; `undefined`: nowhere. */
  readonly stream: StreamAddress | undefined;
  /** Loads what the store holds, because a client has heard of newer flags. Never rejects. */
  readonly catchUp: () => Promise<void>;
}

/**
 * Evaluates all flags that may leave the server. The entity tag is made of everything that can change the answer, so that
 * a client which has it already is told so without an evaluation, by whichever instance it asks.
 */
export function createBulkEvaluation(parts: BulkEvaluationParts): (request: HttpRequest) => Promise<HttpAnswer> {
  const { flags, readContext, stream, catchUp } = parts;
  return async (request) => {
    const context = await readContext(request);
    const told = toldTag(request);
    const isBehind = ({ tag }: ClientView): boolean => told !== undefined && told !== tag;
    if (isBehind(flags.lookLoaded())) await catchUp();
    const view = flags.lookLoaded();
    const address = stream?.of(request);
    const etag = `"${digest(`${view.tag}\n${address}\n${canonicalJson(context)}`)}"`;
    const headers = { ETag: etag };
    // Whom another instance told of flags that this one lacks must not be told that nothing changed.
    if (!isBehind(view) && matchesEntityTag(request.header('if-none-match'), etag)) return notModifiedAnswer(headers);
    const eventStreams = address === undefined ? undefined : [stream?.describe(address)];
    return jsonAnswer(200, { flags: flags.evaluateAll(view, context), eventStreams }, headers);
  };
}

/** The tag of the event that made the client ask, if one did. */
function toldTag(request: HttpRequest): string | undefined {
  return /^(?:W\/)?"?([\w-]{1,64})"?$/.exec(request.query.get('flagConfigEtag') ?? '')?.[1];
}
