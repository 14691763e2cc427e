/** The serving side can't be asked, or what it answered is no answer. The message names the address, and never a secret. */
export class HttpStoreError extends Error {
  override readonly name = 'HttpStoreError';
  /** The HTTP status, if there was an answer. */
  readonly status: number | undefined;
  /** When it wants to be asked again, in milliseconds from then. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, more: ErrorOptions & { readonly status?: number; readonly retryAfterMs?: number } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.status = more.status;
    this.retryAfterMs = more.retryAfterMs;
  }

  /** The token, or the lack of one, was not accepted. */
  get isRefusal(): boolean {
    return this.status === 401 || this.status === 403;
  }
}

/** What a failed connection comes to, without what Node hangs on to it: parts of what was received, for example. */
export function connectionError(where: string, error: unknown): HttpStoreError {
  if (error instanceof HttpStoreError) return error;
  const { message, code } = firstOf(error);
  const cause = Object.assign(new Error(message), code === undefined ? {} : { code });
  return new HttpStoreError(`${where}: ${explain(message, code)}`, { cause });
}

/** Of several addresses of a host, each may fail for itself. */
function firstOf(error: unknown): { readonly message: string; readonly code: string | undefined } {
  if (error instanceof AggregateError && error.errors.length > 0) return firstOf(error.errors[0]);
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return { message: error instanceof Error ? error.message : typeof error, code };
}

const untrusted = (message: string): string =>
  `its certificate is not trusted: ${message}. If an authority of your own made it, give \`tls: { ca }\`.`;

/** What OpenSSL says has an address of its memory, which is another each time. */
function explainTls(message: string): string {
  const reason = /:SSL routines:[^:]*:([^:]+):/.exec(message)?.[1] ?? 'no reason given';
  if (reason === 'wrong version number') return 'it does not speak TLS. Should the address begin with http:// ?';
  return `TLS failed: ${reason}.`;
}

/** What is right, where Node's own words don't tell. */
const explanations: Readonly<Record<string, (message: string) => string>> = {
  ECONNREFUSED: (message) => `nobody listens there: ${message}.`,
  ENOTFOUND: (message) => `there is no such host: ${message}.`,
  ECONNRESET: (message) => `the connection broke off: ${message}.`,
  ERR_STREAM_PREMATURE_CLOSE: () => 'the connection broke off before the answer was complete.',
  Z_BUF_ERROR: () => 'the connection broke off before the answer was complete.',
  Z_DATA_ERROR: () => 'the answer says that it is packed, and it can not be unpacked.',
  ERR_BROTLI_DECODER_ERROR: () => 'the answer says that it is packed, and it can not be unpacked.',
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  CERT_HAS_EXPIRED: () =>
    'its certificate has expired. Renew it there; if it has not, look at the clock of this machine.',
  CERT_NOT_YET_VALID: () => 'its certificate is not valid yet. Look at the clock of this machine.',
  ERR_TLS_CERT_ALTNAME_INVALID: (message) => `${message} Is \`tls: { servername }\` right?`,
  EPROTO: explainTls,
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: () => 'it wants a client certificate. Give `tls: { cert, key }`.',
};

function explain(message: string, code: string | undefined): string {
  const known = code !== undefined && Object.hasOwn(explanations, code) ? explanations[code] : undefined;
  return known?.(message) ?? (/[.!?]$/.test(message) ? message : `${message}.`);
}
