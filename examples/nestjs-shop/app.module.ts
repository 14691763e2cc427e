import { fileURLToPath } from 'node:url';
import { type ExecutionContext, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { fileStore } from 'halyard';
import { HalyardModule } from 'halyard/nestjs';
import { register } from 'prom-client';
import { AuthGuard, type CustomerRequest } from './customers.js';
import { OperationsController } from './operations.controller.js';
import { ShopController } from './shop.controller.js';

export const flagFile: string = fileURLToPath(new URL('flags.yaml', import.meta.url));

/** Called when a flag is read that needs it: by then the guard has found the customer. */
function contextOf(execution: ExecutionContext) {
  const { user } = execution.switchToHttp().getRequest<CustomerRequest>();
  return user && { ...user, targetingKey: user.id };
}

@Module({
  imports: [HalyardModule.forRoot({ halyard: { store: fileStore(flagFile), registry: register }, context: contextOf })],
  controllers: [ShopController, OperationsController],
  providers: [{ provide: APP_GUARD, useClass: AuthGuard }],
})
export class AppModule {}
