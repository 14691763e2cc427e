import { once } from 'node:events';
import { Agent, type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON; `undefined` if it is none. */
  readonly json: unknown;
  /** Whether the connection was used before. */
  readonly isReused: boolean;
}

export interface Question {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
  readonly agent?: Agent;
  /** Sees the request when it is under way. */
  readonly onSent?: (sent: ClientRequest) => void;
}

/** One request. Without an agent, on a connection of its own. */
export async function ask(
  url: string,
  { method = 'GET', headers = {}, body, agent, onSent }: Question = {},
): Promise<Answer> {
  const sent = request(url, { method, headers, agent: agent ?? new Agent({ keepAlive: false }) });
  // After the answer has begun, whatever happens shows when it is read.
  sent.on('error', () => undefined).end(body);
  onSent?.(sent);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const content = await text(response);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text: content,
    json: response.headers['content-type']?.includes('json') ? parsed(content) : undefined,
    isReused: sent.reusedSocket,
  };
}

function parsed(content: string): unknown {
  try {
    return JSON.parse(content) as unknown;
  } catch {
    return undefined;
  }
}
