import {
  type BeforeApplicationShutdown,
  ConfigurableModuleBuilder,
  type ConfigurableModuleCls,
  type DynamicModule,
  Inject,
  Module,
  type NestModule,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import type { Halyard } from '../../src/halyard.js';
import { RUNTIME } from '../../src/runtime/runtime.js';
import { hasOtherThanHttp } from './application-survey.js';
import { BlockedFilter } from './blocked-filter.js';
import { ContextGuard } from './context-guard.js';
import { FlagsBinding } from './flags-binding.js';
import { createFlagsMiddleware } from './flags-middleware.js';
import { HalyardInterceptor } from './halyard-interceptor.js';
import type { HalyardModuleOptions } from './module-options.js';
import { startHalyard } from './start-halyard.js';
import { BINDING, HALYARD } from './tokens.js';

/** What is said beside the options, to the static methods themselves. */
interface Extras {
  /** Whether every module sees the Halyard without importing this one. Default: true. */
  readonly isGlobal: boolean;
}

const OPTIONS: unique symbol = Symbol('halyard.nestjs.options');

const Configurable: ConfigurableModuleCls<HalyardModuleOptions, 'forRoot', 'createHalyardOptions', Extras> =
  new ConfigurableModuleBuilder<HalyardModuleOptions>({ optionsInjectionToken: OPTIONS })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createHalyardOptions')
    .setExtras<Extras>({ isGlobal: true }, (definition, { isGlobal }) => ({ ...definition, global: isGlobal }))
    .build().ConfigurableModuleClass;

/**
 * Gives a Nest application its flags: `HalyardModule.forRoot({ halyard: { store: fileStore('flags.yaml') } })`. The flags are
 * loaded before the application listens; if they can't be, it doesn't start. They are closed with the application.
 */
@Module({
  providers: [
    { provide: HALYARD, useFactory: startHalyard, inject: [OPTIONS] },
    { provide: BINDING, useFactory: bind, inject: [HALYARD, OPTIONS, ApplicationConfig, ModulesContainer] },
  ],
  exports: [HALYARD, BINDING],
})
export class HalyardModule
  extends Configurable
  implements NestModule, BeforeApplicationShutdown, OnApplicationShutdown
{
  readonly #halyard: Halyard;
  readonly #options: HalyardModuleOptions;
  readonly #binding: FlagsBinding;
  readonly #host: HttpAdapterHost;

  constructor(
    @Inject(HALYARD) halyard: Halyard,
    @Inject(OPTIONS) options: HalyardModuleOptions,
    @Inject(BINDING) binding: FlagsBinding,
    @Inject(HttpAdapterHost) host: HttpAdapterHost,
  ) {
    super();
    this.#halyard = halyard;
    this.#options = options;
    this.#binding = binding;
    this.#host = host;
  }

  static override forRoot(options: HalyardModuleOptions & Partial<Extras>): DynamicModule {
    // Nest awaits it later; until then a rejection would count as unhandled.
    if (options.halyard instanceof Promise) options.halyard.catch(() => undefined);
    return super.forRoot(options);
  }

  /** Ahead of all routes, also those outside a global prefix, as Nest's own way to apply middleware wouldn't be. */
  configure(): void {
    this.#host.httpAdapter.use(createFlagsMiddleware(this.#binding));
  }

  /** Nest's server waits for its last answers before it closes, and event streams don't end by themselves. */
  beforeApplicationShutdown(): void {
    if (this.#closesHalyard) this.#halyard[RUNTIME].endStreams();
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.#closesHalyard) await this.#halyard.close();
  }

  get #closesHalyard(): boolean {
    return this.#options.closeWithApplication !== false;
  }
}

/**
 * Puts guard, interceptor and filter ahead of all that an application has, also of what its own module has under
 * `APP_GUARD`, `APP_INTERCEPTOR` and `APP_FILTER`: Nest adds these when everything is made. Of filters it asks the first last.
 */
function bind(
  halyard: Halyard,
  { halyard: _given, setDefaultProvider, closeWithApplication, ...options }: HalyardModuleOptions,
  application: ApplicationConfig,
  modules: ModulesContainer,
): FlagsBinding {
  const binding = new FlagsBinding(halyard, options);
  application.useGlobalGuards(new ContextGuard(binding));
  // Nest runs an interceptor on every route if there is one; HTTP with a context that needs no waiting needs none.
  if (binding.isAwaited || hasOtherThanHttp(modules))
    application.useGlobalInterceptors(new HalyardInterceptor(binding));
  application.useGlobalFilters(new BlockedFilter());
  return binding;
}
