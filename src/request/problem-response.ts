import { STATUS_CODES } from 'node:http';

/** An answer as RFC 9457 describes it, for an adapter to write. */
export interface ProblemResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An answer that nothing may keep: the switch can be thrown again the next second. */
export function createProblemResponse(
  status: number,
  detail?: string,
  headers?: Readonly<Record<string, string>>,
): ProblemResponse {
  const title = STATUS_CODES[status] ?? 'Error';
  const body = JSON.stringify({ type: 'about:blank', title, status, ...(detail !== undefined && { detail }) });
  const fixed = { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store' };
  return Object.freeze({
    status,
    headers: Object.freeze({ ...fixed, 'Content-Length': String(Buffer.byteLength(body)), ...headers }),
    body,
  });
}
