import { Controller, type ExecutionContext, Get } from '@nestjs/common';
import { BooleanFeatureFlag, OpenFeatureClient, OpenFeatureModule, RequireFlagsEnabled } from '@openfeature/nestjs-sdk';
import type { Client, EvaluationDetails } from '@openfeature/server-sdk';
import { firstValueFrom, type Observable } from 'rxjs';
import { expect, it } from 'vitest';
import { Flag, HalyardModule, KillSwitch } from '../../../adapters/nestjs/index.js';
import { as, createStage } from '../nestjs/application.js';

const { start, serve } = createStage();

const byHeader = (execution: ExecutionContext) => {
  const { headers } = execution.switchToHttp().getRequest<{ headers: Record<string, string | undefined> }>();
  return { targetingKey: headers['x-user'] ?? '' };
};

@Controller()
class Shop {
  readonly #client: Client;

  constructor(@OpenFeatureClient() client: Client) {
    this.#client = client;
  }

  @Get()
  async index(
    @BooleanFeatureFlag({ flagKey: 'beta', defaultValue: false }) beta: Observable<EvaluationDetails<boolean>>,
  ) {
    const { value, variant } = await firstValueFrom(beta);
    return { value, variant, viaClient: await this.#client.getBooleanValue('beta', false) };
  }

  @Get('required')
  @RequireFlagsEnabled({ flags: [{ flagKey: 'beta' }], contextFactory: byHeader })
  required() {
    return 'passed';
  }
}

@Controller('both')
class Both extends Shop {
  @Get('flag')
  @KillSwitch('payments')
  flag(@Flag('beta', false) beta: boolean) {
    return { beta };
  }
}

it('has Halyard as its default provider', async () => {
  const halyard = await start();
  const sdk = OpenFeatureModule.forRoot({ defaultProvider: halyard.provider, contextFactory: byHeader });
  const { get } = await serve({ imports: [sdk], controllers: [Shop] });
  expect((await get('/', as('ana'))).json).toEqual({ value: true, variant: 'on', viaClient: true });
  expect((await get('/', as('bob'))).json).toEqual({ value: false, variant: 'off', viaClient: false });
  expect((await get('/required', as('ana'))).status).toBe(200);
  expect((await get('/required', as('bob'))).status).toBe(404);
});

it('works beside HalyardModule, whose context its decorators and clients see', async () => {
  const halyard = await start();
  const sdk = OpenFeatureModule.forRoot({ defaultProvider: halyard.provider, useGlobalInterceptor: false });
  const own = HalyardModule.forRoot({ halyard, context: byHeader });
  const { get } = await serve({ imports: [sdk, own], controllers: [Both] });
  expect((await get('/both', as('ana'))).json).toEqual({ value: true, variant: 'on', viaClient: true });
  expect((await get('/both/flag', as('ana'))).json).toEqual({ beta: true });
  await halyard.kill('payments', { by: 'ana', reason: 'test' });
  expect((await get('/both/flag', as('ana'))).status).toBe(503);
});
