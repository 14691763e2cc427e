import { checkOptions, isBoolean, isListOfTexts, isText, type OptionCheck } from '../options/check-options.js';
import { secretCheck } from '../options/secret-check.js';
import { COOKIE_NAME } from './cookies.js';

/** Lets whoever has a signed token choose variants for a request: for tests from the outside, in a staging service. */
export interface ForcedFlagsOptions {
  /** What tokens are signed with, at least 32 characters. All of several are accepted, for rotation. */
  readonly secret: string | readonly string[];
  /** The header that brings a token. Default: `x-halyard-flags`. */
  readonly header?: string | undefined;
  /** The cookie that brings a token, where the header brings none that counts. Default: `halyard-flags`. */
  readonly cookie?: string | undefined;
  /** The keys of flags that a token may force. Default: all. */
  readonly allow?: readonly string[] | undefined;
  /** Only tokens for this audience count, `shop-staging` say. Default: only tokens that name none. */
  readonly audience?: string | undefined;
  /** Whether that is meant, too, where `NODE_ENV` is `production`. Default: false, so that it throws there. */
  readonly inProduction?: boolean | undefined;
}

const name: OptionCheck = {
  allowed: 'a name of letters, digits and hyphens',
  isRight: (value) => typeof value === 'string' && COOKIE_NAME.test(value),
};

/**
 * @param environment what `NODE_ENV` says
 * @throws TypeError for an option that is unknown or wrong, and in production unless that is said to be meant
 */
export function checkForcedFlagsOptions(
  where: string,
  options: ForcedFlagsOptions,
  environment: string | undefined,
): void {
  const place = `${where}: option \`forced\``;
  checkOptions(place, options, {
    secret: { ...secretCheck, isRequired: true },
    header: name,
    cookie: name,
    allow: { allowed: 'a list of flag keys', isRight: isListOfTexts },
    audience: { allowed: 'a text', isRight: isText },
    inProduction: { allowed: 'true or false', isRight: isBoolean },
  });
  if (environment === 'production' && options.inProduction !== true) {
    throw new TypeError(
      `${place}: NODE_ENV is "production", where nobody may choose variants from the outside. Leave \`forced\` out there; or, for a staging service that runs like production, write \`inProduction: true\`.`,
    );
  }
}
