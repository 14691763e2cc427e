import type { ExecutionContext } from '@nestjs/common';
import type { Halyard } from '../../src/halyard.js';
import type { HalyardOptions } from '../../src/halyard-options.js';
import { checkOptions, isBoolean, isObject } from '../../src/options/check-options.js';
import { flagsChecks, type FlagsOptions } from '../../src/request/flags-options.js';

/**
 * What `HalyardModule` may be told, beside `isGlobal`.
 *
 * `context` gets Nest's ExecutionContext. A plain function is called at the first read of a flag that needs it: behind the
 * guards that found the user. A function written `async` is awaited before the handler, or by the first `@RequireFlag`.
 */
export interface HalyardModuleOptions extends FlagsOptions<ExecutionContext> {
  /** The Halyard, a promise of one, or the options of `createHalyard`. The application waits for it before it listens. */
  readonly halyard: Halyard | Promise<Halyard> | HalyardOptions;
  /** Also makes it OpenFeature's default provider, and waits until that is ready. Default: false. */
  readonly setDefaultProvider?: boolean | undefined;
  /** Whether the Halyard is closed with the application. Say `false` if others go on using it. Default: true. */
  readonly closeWithApplication?: boolean | undefined;
}

/** Makes the options where an application has a class for it: `HalyardModule.forRootAsync({ useClass: … })`. */
export interface HalyardModuleOptionsFactory {
  createHalyardOptions(): HalyardModuleOptions | Promise<HalyardModuleOptions>;
}

/** @throws TypeError that names the option, what came and what is allowed */
export function checkModuleOptions(options: HalyardModuleOptions): void {
  checkOptions('HalyardModule', options, {
    ...flagsChecks,
    halyard: {
      allowed: 'a Halyard, a promise of one, or options of createHalyard',
      isRight: isObject,
      isRequired: true,
    },
    setDefaultProvider: { allowed: 'true or false', isRight: isBoolean },
    closeWithApplication: { allowed: 'true or false', isRight: isBoolean },
  });
}
