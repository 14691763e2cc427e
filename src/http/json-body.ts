import { isUtf8 } from 'node:buffer';
import type { HttpRequest } from './http-request.js';
import { RequestProblem } from './request-problem.js';

/**
 * The JSON of a request's body; `undefined` for an empty one.
 * @throws RequestProblem: 413 for more than `maxBytes`, 415 for another media type, 400 for what is no JSON
 */
export async function readJsonBody(request: HttpRequest, maxBytes: number): Promise<unknown> {
  const body = await request.readBody(maxBytes);
  if ('bytes' in body && body.bytes.length === 0) return undefined;
  checkMediaType(request);
  // Whatever unpacked a parsed body knew how.
  if ('parsed' in body) return typeof body.parsed === 'string' ? parseJson(body.parsed) : body.parsed;
  checkEncoding(request);
  if (!isUtf8(body.bytes)) throw new RequestProblem(400, 'The body is not UTF-8.');
  return parseJson(body.bytes.toString('utf8'));
}

export function bodyTooLong(maxBytes: number): RequestProblem {
  return new RequestProblem(413, `The body is longer than ${maxBytes} bytes.`);
}

const PLAIN_JSON = 'application/json';
const JSON_TYPE = /^application\/(?:json|[\w.-]{1,64}\+json)$/i;
const UTF_8 = /^charset="?utf-8"?$/i;

/** JSON is UTF-8. What a form or a plain text says is no JSON, also where a parser read it: any page may send these. */
function checkMediaType(request: HttpRequest): void {
  if (!isJsonType(request.header('content-type') ?? PLAIN_JSON)) {
    throw new RequestProblem(415, 'Send the body as `Content-Type: application/json`, in UTF-8.', {
      'Accept-Post': 'application/json',
    });
  }
}

/** A small body is sent as it is: what is compressed could be anything once unpacked. */
function checkEncoding(request: HttpRequest): void {
  const encoding = request.header('content-encoding');
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new RequestProblem(415, 'Send the body without a `Content-Encoding`.', { 'Accept-Encoding': 'identity' });
  }
}

function isJsonType(header: string): boolean {
  // What most clients send is known without a look into it.
  if (header === PLAIN_JSON) return true;
  const [type = '', ...parameters] = header.split(';');
  const charset = parameters.map((parameter) => parameter.trim()).find((parameter) => /^charset=/i.test(parameter));
  return JSON_TYPE.test(type.trim()) && (charset === undefined || UTF_8.test(charset));
}

function parseJson(text: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // What the parser says repeats what came.
    throw new RequestProblem(400, 'The body is not JSON.');
  }
}
