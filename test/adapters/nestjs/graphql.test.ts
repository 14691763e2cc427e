import { setImmediate as nextTurn } from 'node:timers/promises';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { type CanActivate, type ExecutionContext, HttpException, Injectable, UseGuards } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { Args, GqlExecutionContext, GraphQLModule, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { OpenFeature } from '@openfeature/server-sdk';
import { GraphQLError } from 'graphql';
import { expect, it } from 'vitest';
import {
  Flag,
  Flags,
  flagsOf,
  HalyardModule,
  type HalyardModuleOptions,
  KillSwitch,
  RequireFlag,
  type RequestFlags,
} from '../../../adapters/nestjs/index.js';
import { as, createStage } from './application.js';

interface User {
  readonly id: string;
}

const requestOf = (execution: ExecutionContext) =>
  GqlExecutionContext.create(execution).getContext<{
    req: { user?: User; headers: Record<string, string | undefined> };
  }>().req;

@Injectable()
class AuthGuard implements CanActivate {
  canActivate(execution: ExecutionContext): boolean {
    const request = requestOf(execution);
    const id = request.headers['x-user'];
    if (id !== undefined) request.user = { id };
    return true;
  }
}

@Injectable()
class ReadingGuard implements CanActivate {
  canActivate(execution: ExecutionContext): boolean {
    return flagsOf(execution).boolean('payments', false);
  }
}

const typeDefs = `
  type Query {
    checkout(cart: String): Checkout
    pay: String
    beta: String
    later: String
    broken: String
    refused: String
    invalid: String
  }
  type Checkout { flow: String, viaClient: Boolean, user: String }
`;

@Resolver('Checkout')
@UseGuards(ReadingGuard)
class CheckoutResolver {
  @Query('checkout')
  async checkout(@Args('cart') cart: string, @Flag('beta', false) beta: boolean, @Flags() flags: RequestFlags) {
    await nextTurn();
    const viaClient = await OpenFeature.getClient().getBooleanValue('beta', false);
    return { flow: `${beta ? 'new' : 'classic'} for ${cart}`, viaClient, user: flags.context.targetingKey };
  }

  @ResolveField('user')
  user(@Parent() { user }: { user?: string }, @Flag('beta', false) beta: boolean) {
    return `${user ?? 'nobody'} ${String(beta)}`;
  }

  @Query('pay')
  @KillSwitch('payments')
  pay() {
    return 'paid';
  }

  @Query('beta')
  @RequireFlag('beta')
  beta() {
    return 'passed';
  }

  @Query('later')
  @KillSwitch('disabled', { fallback: () => 'later' })
  later() {
    return 'now';
  }

  @Query('broken')
  broken() {
    throw new Error('broken');
  }

  @Query('refused')
  refused() {
    throw new HttpException('refused', 400);
  }

  @Query('invalid')
  invalid() {
    throw new GraphQLError('invalid', { extensions: { code: 'BAD_USER_INPUT' } });
  }
}

const { start, serve } = createStage();

async function listen(options: Partial<HalyardModuleOptions> = {}) {
  const halyard = await start();
  const context = (execution: ExecutionContext) => ({ targetingKey: requestOf(execution).user?.id });
  const { get } = await serve({
    imports: [
      GraphQLModule.forRoot<ApolloDriverConfig>({ driver: ApolloDriver, typeDefs }),
      HalyardModule.forRoot({ halyard, context, setDefaultProvider: true, ...options }),
    ],
    providers: [CheckoutResolver, { provide: APP_GUARD, useClass: AuthGuard }],
  });
  const query = async (text: string, user = 'ana') => {
    const question = as(user, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: text }),
    });
    return (await get('/graphql', question)).json as {
      data: Record<string, unknown> | null;
      errors?: { message: string; extensions: { code: string } }[];
    };
  };
  return { halyard, query };
}

it('gives resolvers the flags of the user that a guard found, and OpenFeature’s clients the same', async () => {
  const { query } = await listen();
  const ana = await query('{ checkout(cart: "tea") { flow viaClient user } }');
  expect(ana).toEqual({ data: { checkout: { flow: 'new for tea', viaClient: true, user: 'ana true' } } });
  const bob = await query('{ checkout(cart: "mug") { flow viaClient user } }', 'bob');
  expect(bob).toEqual({ data: { checkout: { flow: 'classic for mug', viaClient: false, user: 'bob false' } } });
});

it('awaits an asynchronous context behind the guards', async () => {
  const context = async (execution: ExecutionContext) => {
    await nextTurn();
    return { targetingKey: requestOf(execution).user?.id };
  };
  const { query } = await listen({ context });
  expect(await query('{ checkout(cart: "tea") { viaClient } beta }')).toEqual({
    data: { checkout: { viaClient: true }, beta: 'passed' },
  });
});

it('blocks fields with an error that says so, each anew', async () => {
  const { query, halyard } = await listen();
  expect(await query('{ pay beta later }')).toEqual({ data: { pay: 'paid', beta: 'passed', later: 'later' } });
  await halyard.kill('payments', { by: 'ana', reason: 'test' });
  for (let count = 0; count < 2; count++) {
    const { data, errors } = await query('{ later beta }', 'bob');
    expect(data).toEqual({ later: null, beta: null });
    // The guard on the class reads `payments`, and refuses by itself.
    expect(errors).toHaveLength(2);
  }
});

it('tells code and message of what it blocks', async () => {
  const { query, halyard } = await listen();
  halyard.override('payments', 'on');
  const notFound = await query('{ beta }', 'bob');
  expect(notFound).toMatchObject({ data: { beta: null }, errors: [{ message: 'Not Found' }] });
  expect(notFound.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
  expect(JSON.stringify(notFound.errors?.[0]?.message)).not.toMatch(/beta|flag/i);
});

it('counts what fails in a resolver, though the status is 200', async () => {
  const { query, halyard } = await listen();
  const outcomes: string[] = [];
  halyard.on('request', ({ outcome }) => outcomes.push(outcome));
  for (const text of ['{ later }', '{ broken }', '{ refused }', '{ invalid }']) await query(text);
  await expect.poll(() => outcomes).toHaveLength(4);
  expect(outcomes).toEqual(['blocked', 'server_error', 'client_error', 'client_error']);
});
