import { createHash, timingSafeEqual } from 'node:crypto';
import { checkOptions } from '../options/check-options.js';
import type { HttpRequest } from './http-request.js';
import { RequestProblem } from './request-problem.js';

/** Secrets that let a request in: any of them, in either header. Several are for rotation. */
export interface Credentials {
  /** Accepted as `Authorization: Bearer …`. */
  readonly bearer?: string | readonly string[] | undefined;
  /** Accepted as `X-API-Key: …`. */
  readonly apiKey?: string | readonly string[] | undefined;
}

/** Decides by itself who is let in. */
export type Authorise<Native> = (request: Request, native: Native | undefined) => boolean | Promise<boolean>;

const NO_SPACE = /^\S+$/;
const NO_SPACE_AROUND = /^\S(?:.*\S)?$/;

/** A secret that a header can't carry, such as one with the line break at the end of its file, would let nobody in. */
const isSecretOrSeveral =
  (pattern: RegExp) =>
  (value: unknown): boolean => {
    const secrets = [value].flat();
    return secrets.length > 0 && secrets.every((secret) => typeof secret === 'string' && pattern.test(secret));
  };

/** @throws TypeError for an option that is unknown or wrong; it repeats no secret */
export function checkCredentials(where: string, credentials: Credentials): void {
  checkOptions(where, credentials, {
    bearer: {
      allowed: 'a text that is not empty and has no white space, or several',
      isRight: isSecretOrSeveral(NO_SPACE),
      isSecret: true,
    },
    apiKey: {
      allowed: 'a text that is not empty and has no white space around it, or several',
      isRight: isSecretOrSeveral(NO_SPACE_AROUND),
      isSecret: true,
    },
  });
  if (secretsOf(credentials).length === 0) throw new TypeError(`${where}: expected \`bearer\` or \`apiKey\`.`);
}

/** All secrets, the one to sign with first. */
export function secretsOf({ bearer = [], apiKey = [] }: Credentials): readonly string[] {
  return [bearer, apiKey].flat();
}

/**
 * Lets requests in or not.
 * @returns a function that throws RequestProblem: 401 where credentials are missing or wrong, 403 where `authorise` says no
 */
export function createGate<Native>(
  auth: Credentials | Authorise<Native>,
): (request: HttpRequest) => void | Promise<void> {
  if (typeof auth === 'function') return (request) => ask(auth, request);
  const isBearer = createSecretCheck([auth.bearer ?? []].flat());
  const isApiKey = createSecretCheck([auth.apiKey ?? []].flat());
  return (request) => {
    const [, bearer = ''] = /^Bearer +(\S+)$/i.exec(request.header('authorization') ?? '') ?? [];
    // Both are always compared.
    const accepted = [isBearer(bearer), isApiKey(request.header('x-api-key') ?? '')];
    if (!accepted.includes(true)) throw unauthorised();
  };
}

/** Whether a text is one of several secrets, in a time that says nothing about how much of it is right. */
export function createSecretCheck(secrets: readonly string[]): (given: string) => boolean {
  const expected = secrets.map(digest);
  return (given) => {
    const found = digest(given);
    return expected.map((secret) => timingSafeEqual(secret, found)).includes(true);
  };
}

async function ask<Native>(authorise: Authorise<Native>, request: HttpRequest): Promise<void> {
  // Whoever serves the handler knows which framework's request it is.
  const isLetIn: unknown = await authorise(request.toFetch(), request.native as Native | undefined);
  if (isLetIn === true) return;
  const hasCredentials = ['authorization', 'x-api-key', 'cookie'].some((name) => request.header(name) !== undefined);
  throw hasCredentials ? new RequestProblem(403, 'These credentials do not allow this.') : unauthorised();
}

function unauthorised(): RequestProblem {
  return new RequestProblem(401, 'Valid credentials are required.', { 'WWW-Authenticate': 'Bearer' });
}

/** Digests have one length, whatever came. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
