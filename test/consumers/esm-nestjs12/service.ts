import assert from 'node:assert/strict';
import { Controller, type ExecutionContext, Get, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { OpenFeature } from '@openfeature/server-sdk';
import { fileStore, type Halyard } from 'halyard';
import { Flag, HALYARD, HalyardModule, KillSwitch, RequireFlag } from 'halyard/nestjs';

@Controller()
class Shop {
  @Post('pay')
  @KillSwitch('payments')
  pay() {
    return { paid: true };
  }

  @Get('beta')
  @RequireFlag('new-checkout')
  async beta(@Flag('new-checkout', false) direct: boolean) {
    return { direct, viaOpenFeature: await OpenFeature.getClient().getBooleanValue('new-checkout', false) };
  }
}

const context = (execution: ExecutionContext) => ({
  targetingKey: execution.switchToHttp().getRequest<{ headers: Record<string, string> }>().headers['x-user'],
});

@Module({
  imports: [
    HalyardModule.forRootAsync({
      useFactory: () => ({ halyard: { store: fileStore('flags.yaml') }, context, setDefaultProvider: true }),
    }),
  ],
  controllers: [Shop],
})
class AppModule {}

const app = await NestFactory.create(AppModule, new FastifyAdapter(), { logger: ['error', 'warn'] });
await app.listen(0, '127.0.0.1');
const url = await app.getUrl();

const beta = await fetch(`${url}/beta`, { headers: { 'x-user': 'user-1' } });
assert.deepEqual(await beta.json(), { direct: true, viaOpenFeature: true });
assert.equal((await fetch(`${url}/beta`)).status, 404);
assert.equal((await fetch(`${url}/pay`, { method: 'POST' })).status, 201);
await app.get<Halyard>(HALYARD).kill('payments', { by: 'consumer', reason: 'test' });
assert.equal((await fetch(`${url}/pay`, { method: 'POST' })).status, 503);

await app.close();
console.log('answered');
