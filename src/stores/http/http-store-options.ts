import { createSecureContext } from 'node:tls';
import {
  checkOptions,
  isBoolean,
  isDuration,
  isFunction,
  isObject,
  isPositive,
  isText,
} from '../../options/check-options.js';

export interface HttpStoreOptions {
  /**
   * What the serving side wants as `Authorization: Bearer …`. A function is asked before each request, so that it can
   * rotate. It is sent to this address alone, and never in the address. Default: none.
   */
  readonly token?: string | (() => string | Promise<string>) | undefined;
  /**
   * How often the serving side is asked whether something has changed while it doesn't tell by itself, in milliseconds.
   * Default: 3,000.
   */
  readonly pollMs?: number | undefined;
  /** Whether the serving side is listened to, so that a change arrives at once. Default: true. */
  readonly push?: boolean | undefined;
  /** How long connecting may take, TLS included, in milliseconds. Default: 3,000. */
  readonly connectTimeoutMs?: number | undefined;
  /** How long an answer may take, from the connection to its last byte, in milliseconds. Default: 10,000. */
  readonly timeoutMs?: number | undefined;
  /** How large an answer may be, in bytes, also unpacked. Default: 20 MB. */
  readonly maxBytes?: number | undefined;
  /** For `https://`: whom to trust, and who we are. Default: the authorities that Node trusts, and nobody. */
  readonly tls?: HttpStoreTls | undefined;
  /** Whether a token may go to another host without encryption. Default: false; to this machine itself it may. */
  readonly allowHttp?: boolean | undefined;
}

/** As in Node's `tls.connect`; certificates and keys in PEM. */
export interface HttpStoreTls {
  /** The authorities that are trusted, in the place of Node's. */
  readonly ca?: string | Buffer | readonly (string | Buffer)[] | undefined;
  /** This process's certificate, with those between it and its authority. */
  readonly cert?: string | Buffer | undefined;
  /** The certificate's private key. */
  readonly key?: string | Buffer | undefined;
  /** What the key is encrypted with. */
  readonly passphrase?: string | undefined;
  /** The name that the other side's certificate must have, if it isn't the address's host. */
  readonly servername?: string | undefined;
}

const WHERE = 'httpStore';

/** OpenSSL passes over an authority that is none without a word. */
const isPem = (value: unknown): boolean =>
  (typeof value === 'string' || Buffer.isBuffer(value)) && value.includes('-----BEGIN ');

const milliseconds = { allowed: 'a number of milliseconds above 0, of at most 24 days', isRight: isDuration };
const pem = { allowed: "a text or a buffer in PEM, with '-----BEGIN …'", isRight: isPem, isSecret: true };

/** @throws TypeError that names the option, what came and what is allowed; it repeats no secret */
export function checkHttpStoreOptions(options: HttpStoreOptions): void {
  checkOptions(WHERE, options, {
    token: {
      allowed: 'a text without white space, or a function that returns one',
      isRight: (value) => isToken(value) || isFunction(value),
      isSecret: true,
    },
    pollMs: milliseconds,
    push: { allowed: 'true or false', isRight: isBoolean },
    connectTimeoutMs: milliseconds,
    timeoutMs: milliseconds,
    maxBytes: { allowed: 'a number of bytes above 0', isRight: isPositive },
    tls: { allowed: 'an object with `ca`, `cert`, `key` or `servername`', isRight: isObject },
    allowHttp: { allowed: 'true or false', isRight: isBoolean },
  });
  if (options.tls !== undefined) checkTls(options.tls);
}

/** What a header can carry. */
export function isToken(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]+$/.test(value);
}

/**
 * The address, without a slash at its end.
 * @throws TypeError for one that isn't right; it repeats no secret
 */
export function checkAddress(address: string | URL, { token, tls, allowHttp = false }: HttpStoreOptions): URL {
  const url = URL.canParse(String(address)) ? new URL(address) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new TypeError(`${WHERE}: expected an address like https://flags.internal/halyard.`);
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new TypeError(
      `${WHERE}: expected an address without user, password, query and fragment. A token is an option: \`{ token }\`.`,
    );
  }
  url.pathname = url.pathname.replace(/\/+$/, '');
  if (url.protocol === 'https:') return url;
  if (tls !== undefined) throw new TypeError(`${WHERE}: option \`tls\`: ${url.origin} is not https.`);
  if (token !== undefined && !allowHttp && !isThisMachine(url.hostname)) {
    throw new TypeError(
      `${WHERE}: the token would go to ${url.origin} unencrypted. Use https, or set \`allowHttp: true\` in a network that you trust.`,
    );
  }
  return url;
}

function isThisMachine(hostname: string): boolean {
  return /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}

function checkTls(tls: HttpStoreTls): void {
  const where = `${WHERE}: option \`tls\``;
  checkOptions(where, tls, {
    ca: {
      allowed: "a text or a buffer in PEM, with '-----BEGIN …', or several",
      isRight: (value) => [value].flat().every(isPem),
      isSecret: true,
    },
    cert: pem,
    key: pem,
    passphrase: { allowed: 'a text', isRight: isText, isSecret: true },
    servername: { allowed: 'a host name', isRight: isText },
  });
  if ((tls.cert === undefined) !== (tls.key === undefined)) {
    throw new TypeError(`${where}: \`cert\` and \`key\` belong together.`);
  }
  try {
    createSecureContext(secureContextOf(tls));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : typeof cause;
    throw new TypeError(`${where}: OpenSSL can't use \`ca\`, \`cert\` and \`key\`: ${why}`, { cause });
  }
}

/** As Node wants it: without what is undefined. */
export function secureContextOf({ ca, cert, key, passphrase }: HttpStoreTls): {
  ca?: (string | Buffer)[];
  cert?: string | Buffer;
  key?: string | Buffer;
  passphrase?: string;
} {
  return {
    ...(ca !== undefined && { ca: [ca].flat<(string | Buffer | readonly (string | Buffer)[])[]>() }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(passphrase !== undefined && { passphrase }),
  };
}
