import { showError } from '../flags/show-value.js';

/**
 * What an error says, to a person at the command line. The library's own errors advise whoever programs, by the options of
 * its functions; here the same is done with flags, environment variables and parameters of an address.
 */
export function errorText(error: unknown): string {
  return translations.reduce((text, [options, commandLine]) => text.replace(options, commandLine), showError(error));
}

const translations: readonly (readonly [options: RegExp, commandLine: string])[] = [
  // Any store
  [/ \((?:timeoutMs|connectTimeoutMs|maxBytes)\)/, ''],
  [/ with `store\.pushDocument\(.*?\)`\./, ': halyard push FILES'],
  [/Load it again and repeat the change\./, 'Look at it again, and repeat the command.'],
  [/^(?:redis|postgres)Store: option `(prefix|schema|environment)`:/, '--store: parameter `$1` of the address:'],

  // PostgreSQL
  [/^postgresStore: option `auditKey`: (.*?), or several,/, 'HALYARD_AUDIT_KEY: $1,'],
  [/, and `migrate: false` forbids .*? `halyard push FILES --migrate`\./, '. Make it: halyard push FILES --migrate'],
  [/ The next attempt makes it again; .*? SQL\.$/, ' Make it again: halyard push FILES --migrate'],
  [/are host and port of the pool right/, 'are host and port of the address right'],
  [/Check the pool's user and password/, "Check the address's user and password"],
  [/correct the pool's `database`/, 'correct its name in the address'],
  [/The role of this pool lacks/, 'The role that the address names lacks'],
  [/writers need a pool on the primary/, 'write to the primary'],
  [/It took longer than `timeoutMs` allows/, 'It took too long'],
  [/is not known: load, and look\./, 'is not known: see halyard history'],

  // HTTP
  [/^httpStore: option `token`: (.*?), or a function that returns one,/, 'HALYARD_TOKEN: $1,'],
  [/^httpStore: the token would/, '--store: the token in HALYARD_TOKEN would'],
  [/^httpStore: /, '--store: '],
  [/A token is an option: `\{ token \}`\./, 'A token goes into HALYARD_TOKEN.'],
  [/, or set `allowHttp: true` .*\.$/, ', or a tunnel that begins on this machine.'],
  [/: give httpStore the option `token`\./, ': put a token into HALYARD_TOKEN.'],
  [/The token is not one that its syncHandler accepts/, 'The token in HALYARD_TOKEN is not one that it accepts'],
  [
    /there is no syncHandler at this address\./,
    'no flags are served there. Is the path right? Usually it is /halyard.',
  ],
  [/where a syncHandler answers with/, 'where flags come as'],
  [/give `tls: \{ ca \}`\./, 'name the file with its certificate in NODE_EXTRA_CA_CERTS.'],
  [/Is `tls: \{ servername \}` right\?/, 'Is the host of the address right?'],
  [/\. Give `tls: \{ cert, key \}`\./, ', and this command has none. Look where its flags are written.'],

  // Kills and watched rollouts
  [/^kill: (".*" can't be a flag's key)/, '$1'],
  [/^kill: option `forSeconds`:/, '--for, in seconds:'],
  [/: `(pause|resume|approve|promote)` needs one/, ': --$1 needs one'],
  [/: `jump` needs one/, ': --stage needs one'],
  [/\. `restart` begins it/, '. --restart begins it'],
  [/ \(cooldownMinutes\)\. Pass `force: true` to start it all the same/, '. To start it all the same: --force'],

  // Prometheus
  [/, or \{ job: 'shop', env: 'production' \}/, ''],
  [/expected label matchers without braces/, 'expected label matchers'],
  [/A token goes into `headers`\./, 'A user and a password may stand before the host.'],
  [/see the option `headers`/, 'a user and a password may stand in the address, before the host'],
  [/, and the `url` right\?/, ', and the address right?'],
];
