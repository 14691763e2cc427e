import { Controller, Get, type INestApplication, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { createHalyard, fileStore, type Halyard, memoryStore } from 'halyard';
import { Flag, HALYARD, HalyardModule, InjectHalyard, KillSwitch } from 'halyard/nestjs';

@Controller()
class Checkout {
  constructor(@InjectHalyard() private readonly halyard: Halyard) {}

  @Get()
  @KillSwitch('payments')
  index(@Flag('new-checkout', false) isNew: boolean) {
    return { isNew, flags: this.halyard.health().flags };
  }
}

@Module({
  imports: [HalyardModule.forRoot({ halyard: { store: fileStore('no-such-file.yaml') } })],
  controllers: [Checkout],
})
class AppModule {}

let app: INestApplication;
afterEach(() => app.close());

test('a test has flags of its own', async () => {
  const halyard = await createHalyard({
    store: memoryStore({ version: 1, flags: { 'new-checkout': {}, payments: {} } }),
  });
  const builder = Test.createTestingModule({ imports: [AppModule] });
  const testing = await builder.overrideProvider(HALYARD).useValue(halyard).compile();
  app = testing.createNestApplication({ logger: false });
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  expect(await (await fetch(url)).json()).toEqual({ isNew: true, flags: 2 });
  halyard.override('new-checkout', 'off');
  expect(await (await fetch(url)).json()).toMatchObject({ isNew: false });
  await halyard.kill('payments', { by: 'test', reason: 'test' });
  const blocked = await fetch(url);
  expect(blocked.status).toBe(503);
  expect(blocked.headers.get('content-type')).toBe('application/problem+json');
});
