import type { INestApplication } from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Step } from '../../contracts/adapter-harness.js';

const LARGEST_BODY = 10_000_000;

/** What Nest runs on. */
export interface Platform {
  readonly name: string;
  /** An adapter behind a proxy that it trusts. Unless it parses, it leaves bodies to whoever reads them. */
  readonly adapter: (options?: { readonly isParsing?: boolean }) => AbstractHttpAdapter;
  readonly parseLargeJson: (app: INestApplication) => void;
  /** What no application of Nest can do on it. */
  readonly whyNot?: (steps: readonly Step[]) => string | undefined;
}

const express: Platform = {
  name: 'Express',
  adapter() {
    const adapter = new ExpressAdapter();
    adapter.set('trust proxy', true);
    return adapter;
  },
  parseLargeJson: (app) => (app as NestExpressApplication).useBodyParser('json', { limit: LARGEST_BODY }),
  whyNot: (steps) =>
    steps.some((step) => 'parseJson' in step && step.parseJson === 'behind')
      ? 'on Express, parsers of Nest run before its modules'
      : undefined,
};

const fastify: Platform = {
  name: 'Fastify',
  adapter({ isParsing = true } = {}) {
    // Fastify numbers requests by itself; Express doesn't.
    const adapter = new FastifyAdapter({ trustProxy: true, bodyLimit: LARGEST_BODY, genReqId: () => '' });
    const instance = adapter.getInstance();
    if (!isParsing) {
      instance.removeAllContentTypeParsers();
      instance.addContentTypeParser('*', (_request, _body, done) => done(null));
    }
    return adapter;
  },
  parseLargeJson: () => undefined,
};

export const platforms: readonly Platform[] = [express, fastify];
