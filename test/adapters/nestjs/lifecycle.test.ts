import {
  type FactoryProvider,
  Controller,
  Get,
  Injectable,
  Module,
  type OnModuleInit,
  type Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { OpenFeature } from '@openfeature/server-sdk';
import { describe, expect, it, vi } from 'vitest';
import {
  Flag,
  type HalyardModuleOptions,
  HALYARD,
  HalyardModule,
  InjectHalyard,
  KillSwitch,
  serve as serveHandler,
} from '../../../adapters/nestjs/index.js';
import type { HalyardModuleOptionsFactory } from '../../../adapters/nestjs/index.js';
import { createHalyard } from '../../../src/create-halyard.js';
import type { Halyard } from '../../../src/halyard.js';
import { ofrepHandler } from '../../../src/ofrep/index.js';
import type { FlagStore } from '../../../src/stores/flag-store.js';
import { memoryStore } from '../../../src/stores/memory-store.js';
import { syncHandler } from '../../../src/sync/index.js';
import { shop, silent, withFlag } from '../../contracts/adapter/bench.js';
import { createStage, moduleOf } from './application.js';
import { platforms } from './platforms.js';

const { start, serve, endings } = createStage();

@Controller()
class Shop {
  @Get()
  index(@Flag('payments', false) payments: boolean) {
    return { payments };
  }
}

/** A store that answers after a while, or never well. */
const slowStore = (load: FlagStore['load']): FlagStore => ({
  name: 'slow',
  refuses: 'whole',
  load: async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return load();
  },
  close: () => Promise.resolve(),
});
const slow = () => slowStore(() => memoryStore(shop).load());
const broken = () => slowStore(() => Promise.reject(new Error('the store is down')));

const create = (module: Type) => NestFactory.create(module, { logger: false, abortOnError: false });

describe('the start of an application', () => {
  @Injectable()
  class Early implements OnModuleInit {
    seen: boolean | undefined;
    readonly #halyard: Halyard;
    constructor(@InjectHalyard() halyard: Halyard) {
      this.#halyard = halyard;
    }
    onModuleInit(): void {
      this.seen = this.#halyard.boolean('payments', false);
    }
  }

  it('waits until the flags are loaded, before anything else is initialised', async () => {
    const module = HalyardModule.forRoot({ halyard: { store: slow(), logger: silent() } });
    const { app, get } = await serve({ imports: [module], controllers: [Shop], providers: [Early] });
    expect(app.get(Early).seen).toBe(true);
    expect((await get('/')).json).toEqual({ payments: true });
  });

  it.each<[string, (store: FlagStore) => HalyardModuleOptions]>([
    ['options', (store) => ({ halyard: { store, logger: silent() } })],
    ['a promise', (store) => ({ halyard: createHalyard({ store, logger: silent() }) })],
  ])('fails if they can’t be, given %s', async (_, optionsOf) => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    endings.push(() => process.off('unhandledRejection', unhandled));
    const direct = HalyardModule.forRoot(optionsOf(broken()));
    await expect(create(moduleOf({ imports: [direct] }))).rejects.toThrow('the store is down');
    const later = HalyardModule.forRootAsync({ useFactory: () => optionsOf(broken()) });
    await expect(create(moduleOf({ imports: [later] }))).rejects.toThrow('the store is down');
    expect(unhandled).not.toHaveBeenCalled();
  });

  it('makes the Halyard OpenFeature’s default provider, if asked to', async () => {
    const halyard = await start();
    await serve({ imports: [HalyardModule.forRoot({ halyard, setDefaultProvider: true })] });
    expect(OpenFeature.getProvider()).toBe(halyard.provider);
  });

  it.each([
    [{ contxt: () => ({}) }, 'unknown option `contxt`. Did you mean `context`?'],
    [{ closeWithAplication: false }, 'unknown option `closeWithAplication`. Did you mean `closeWithApplication`?'],
    [{ contextTimeoutMs: 0 }, 'HalyardModule: option `contextTimeoutMs`'],
    [{ halyard: {} }, 'createHalyard: option `store`: expected'],
    [{ halyard: undefined }, 'option `halyard`: expected'],
    [{ setDefaultProvider: 1 }, 'option `setDefaultProvider`: expected true or false, found 1'],
    [{ closeWithApplication: 'no' }, 'option `closeWithApplication`: expected true or false, found "no"'],
  ])('fails for options that are wrong: %j', async (options, message) => {
    const halyard = await start();
    const module = HalyardModule.forRoot({ halyard, ...options } as HalyardModuleOptions);
    await expect(create(moduleOf({ imports: [module] }))).rejects.toThrow(message);
  });

  it.each([{}, { fallback: () => 'later' }])(
    'fails without the module, and names the decorator: %o',
    async (options) => {
      @Controller()
      class Guarded {
        @Get()
        @KillSwitch('payments', options)
        index() {
          return 'passed';
        }
      }
      await expect(create(moduleOf({ controllers: [Guarded] }))).rejects.toThrow(
        /of the KillSwitch\('payments'\) \w+ \(\?.*halyard\.nestjs\.halyard/,
      );
    },
  );
});

describe('forRootAsync()', () => {
  @Module({ providers: [{ provide: 'document', useValue: shop }], exports: ['document'] })
  class Configuration {}

  @Injectable()
  class Factory implements HalyardModuleOptionsFactory {
    createHalyardOptions(): HalyardModuleOptions {
      return { halyard: { store: slow(), logger: silent() } };
    }
  }
  @Module({ providers: [Factory], exports: [Factory] })
  class FactoryModule {}

  const useFactory: FactoryProvider<HalyardModuleOptions>['useFactory'] = async (document: typeof shop) =>
    Promise.resolve({ halyard: { store: memoryStore(document), logger: silent() } });

  it.each([
    ['a factory', () => HalyardModule.forRootAsync({ imports: [Configuration], inject: ['document'], useFactory })],
    ['a class', () => HalyardModule.forRootAsync({ useClass: Factory })],
    ['a provider', () => HalyardModule.forRootAsync({ imports: [FactoryModule], useExisting: Factory })],
  ])('takes its options from %s', async (_, module) => {
    const { get } = await serve({ imports: [module()], controllers: [Shop] });
    expect((await get('/')).json).toEqual({ payments: true });
  });

  it('says what it expects of a factory', async () => {
    const module = HalyardModule.forRootAsync({ useFactory: () => undefined as never });
    const message = 'HalyardModule: expected an object of options, found undefined.';
    await expect(create(moduleOf({ imports: [module] }))).rejects.toThrow(message);
  });

  it('serves only the modules that import it, if it isn’t global', async () => {
    const module = () =>
      HalyardModule.forRootAsync({ isGlobal: false, useFactory: async () => ({ halyard: await start() }) });
    const inner = moduleOf({ controllers: [Guarded] });
    await expect(create(moduleOf({ imports: [module(), inner] }))).rejects.toThrow('halyard');
    const importing = moduleOf({ imports: [module()], controllers: [Guarded] });
    const { get } = await serve({ imports: [importing] });
    expect((await get('/')).status).toBe(503);
  });

  @Controller()
  class Guarded {
    @Get()
    @KillSwitch('disabled')
    index() {
      return 'passed';
    }
  }
});

describe('the end of an application', () => {
  const storeWithEnd = () => {
    const store = memoryStore(shop);
    return { store, close: vi.spyOn(store, 'close') };
  };

  it('closes the Halyard that was made for it, also by a signal', async () => {
    const { store, close } = storeWithEnd();
    const module = HalyardModule.forRoot({ halyard: { store, logger: silent() } });
    const { app } = await serve({ imports: [module], controllers: [Shop] });
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    endings.push(() => kill.mockRestore());
    app.enableShutdownHooks(['SIGUSR2']);
    process.emit('SIGUSR2');
    await vi.waitFor(() => expect(kill).toHaveBeenCalled());
    expect(close).toHaveBeenCalledOnce();
  });

  it('closes one that was handed in, unless told not to', async () => {
    const { store, close } = storeWithEnd();
    const halyard = await createHalyard({ store, logger: silent() });
    const shared = await serve({ imports: [HalyardModule.forRoot({ halyard, closeWithApplication: false })] });
    const last = await serve({ imports: [HalyardModule.forRoot({ halyard })] });
    await shared.app.close();
    expect(close).not.toHaveBeenCalled();
    await last.app.close();
    expect(close).toHaveBeenCalledOnce();
  });

  it('goes on serving flags while the last requests end', async () => {
    let finish: () => void = () => undefined;
    let arrived: () => void = () => undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const arrival = new Promise<void>((resolve) => (arrived = resolve));
    @Controller()
    class Slow {
      readonly #halyard: Halyard;
      constructor(@InjectHalyard() halyard: Halyard) {
        this.#halyard = halyard;
      }
      @Get()
      async index() {
        arrived();
        await finished;
        return { payments: this.#halyard.boolean('payments', false) };
      }
    }
    const module = HalyardModule.forRoot({ halyard: { store: memoryStore(shop), logger: silent() } });
    const { app, get } = await serve({ imports: [module], controllers: [Slow] });
    const answer = get('/');
    await arrival;
    const closed = app.close();
    finish();
    expect((await answer).json).toEqual({ payments: true });
    await closed;
  });

  it.each(platforms)('ends the event streams of OFREP and of flags for other services, on $name', async (on) => {
    const module = HalyardModule.forRoot({ halyard: { store: memoryStore(shop), logger: silent() } });
    const { app, port } = await serve(
      { imports: [module] },
      {
        on,
        prepare: (made) => {
          const halyard = made.get<Halyard>(HALYARD);
          made.use(serveHandler(ofrepHandler(halyard)));
          made.use(serveHandler(syncHandler(halyard, { authorise: () => true })));
        },
      },
    );
    const streams = await Promise.all(
      ['/ofrep/v1/events', '/halyard/events'].map((path) => fetch(`http://127.0.0.1:${port}${path}`)),
    );
    expect(streams.map(({ status }) => status)).toEqual([200, 200]);
    await app.close();
    await Promise.all(streams.map((stream) => stream.text()));
  });
});

describe('two applications in one process', () => {
  it('don’t see each other’s flags, though they share controllers', async () => {
    const halyard = await start();
    const off = withFlag('payments', { enabled: false });
    @Controller()
    class Guarded {
      @Get()
      @KillSwitch('payments')
      index(@Flag('payments', false) payments: boolean) {
        return { payments };
      }
    }
    const one = await serve({ imports: [HalyardModule.forRoot({ halyard })], controllers: [Guarded, Shop] });
    const other = await serve({
      imports: [HalyardModule.forRoot({ halyard: { store: memoryStore(off), logger: silent() } })],
      controllers: [Guarded],
    });
    expect((await one.get('/')).json).toEqual({ payments: true });
    expect((await other.get('/')).status).toBe(503);
    expect(one.app.get(HALYARD)).not.toBe(other.app.get(HALYARD));
    await other.app.close();
    expect((await one.get('/')).json).toEqual({ payments: true });
  });
});
