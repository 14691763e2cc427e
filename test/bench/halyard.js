/**
 * The built package and its peers, by path. This package doesn't depend on `halyard` through npm: a `file:` link would
 * install what the root develops with, and a copy of it would bring a second OpenFeature.
 */
export * from '../../dist/esm/src/index.js';
export * as express from '../../dist/esm/adapters/express/index.js';
export * as koa from '../../dist/esm/adapters/koa/index.js';
export * as nestjs from '../../dist/esm/adapters/nestjs/index.js';
export * from '../../dist/esm/src/ofrep/index.js';
