import {
  ConfigurableModuleBuilder,
  type ConfigurableModuleCls,
  type DynamicModule,
  Inject,
  Module,
  type NestModule,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import type { Halyard } from '../../src/halyard.js';
import { hasFilterForBlocked, hasOtherThanHttp } from './application-survey.js';
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
    { provide: BINDING, useFactory: bind, inject: [HALYARD, OPTIONS] },
    { provide: APP_GUARD, useFactory: (binding: FlagsBinding) => new ContextGuard(binding), inject: [BINDING] },
    // Nest runs an interceptor on every route if there is one; HTTP with a context that needs no waiting needs none.
    { provide: APP_INTERCEPTOR, useFactory: interceptorIfNeeded, inject: [BINDING, ModulesContainer] },
    { provide: APP_FILTER, useFactory: filterIfNeeded, inject: [ModulesContainer] },
  ],
  exports: [HALYARD, BINDING],
})
export class HalyardModule extends Configurable implements NestModule, OnApplicationShutdown {
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

  async onApplicationShutdown(): Promise<void> {
    if (this.#options.closeWithApplication !== false) await this.#halyard.close();
  }
}

function bind(
  halyard: Halyard,
  { halyard: _given, setDefaultProvider, closeWithApplication, ...options }: HalyardModuleOptions,
): FlagsBinding {
  return new FlagsBinding(halyard, options);
}

function interceptorIfNeeded(binding: FlagsBinding, modules: ModulesContainer): HalyardInterceptor | undefined {
  return binding.isAwaited || hasOtherThanHttp(modules) ? new HalyardInterceptor(binding) : undefined;
}

function filterIfNeeded(modules: ModulesContainer): BlockedFilter | undefined {
  return hasFilterForBlocked(modules, HalyardModule) ? undefined : new BlockedFilter();
}
