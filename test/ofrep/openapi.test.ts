import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { describeMissingSuite, findSuiteFolder } from '../conformance/suite-folder.js';
import type { Answer } from '../contracts/http-client.js';
import { Endings, serveFlags } from './service.js';

const folder = findSuiteFolder('ofrep');
const file = process.env['OFREP_OPENAPI'] ?? (folder && join(folder, 'openapi.yaml'));
const isThere = file !== undefined && existsSync(file);

const endings = new Endings();
afterEach(() => endings.run());

const BULK = '/ofrep/v1/evaluate/flags';
const SINGLE = '/ofrep/v1/evaluate/flags/{key}';

/**
 * The protocol's schemas where they are right. `oneOf` is read as `anyOf`: a whole number is an integer and a float at once.
 * The list of reasons lacks DEFAULT, and that of error codes in a bulk answer lacks FLAG_NOT_FOUND.
 */
function relaxed(schema: unknown, name = ''): unknown {
  if (Array.isArray(schema)) return schema.map((item) => relaxed(item));
  if (typeof schema !== 'object' || schema === null) return schema;
  const members = Object.entries(schema).filter(([key]) => !(name === 'reason' && key === 'enum'));
  return Object.fromEntries(members.map(([key, value]) => [key === 'oneOf' ? 'anyOf' : key, relaxed(value, key)]));
}

describe.skipIf(!isThere)(`the protocol’s OpenAPI${isThere ? '' : ` (${describeMissingSuite('ofrep')})`}`, () => {
  function complaints(path: string, { status, json }: Answer): unknown {
    const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
    ajv.addSchema(relaxed(parse(readFileSync(file ?? '', 'utf8'))) as object, 'ofrep');
    const place = [path, 'post', 'responses', String(status), 'content', 'application/json', 'schema'];
    const pointer = place.map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/');
    const validate = ajv.compile({ $ref: `ofrep#/paths/${pointer}` });
    validate(json);
    return validate.errors ?? [];
  }

  it.each([
    ['', { context: { targetingKey: 'user-1', plan: 'pro' } }, 200],
    ['', { context: {} }, 200],
    ['', { context: [] }, 400],
    ['/limits', {}, 200],
    ['/button-color', {}, 200],
    ['/new-checkout', { context: { targetingKey: 'user-1' } }, 200],
    ['/new-checkout', {}, 400],
    ['/limits', '{', 400],
    ['/nobody', {}, 404],
  ])('describes the answer to POST …%s %j', async (path, body, status) => {
    const answer = await (await serveFlags(endings)).evaluate(path, body);
    expect(answer.status).toBe(status);
    expect(complaints(path === '' ? BULK : SINGLE, answer)).toEqual([]);
  });

  it.each(['', '/limits'])('describes the answer when POST …%s fails here', async (path) => {
    const service = await serveFlags(endings, { options: { trusted: () => Promise.reject(new Error('no')) } });
    expect(complaints(path === '' ? BULK : SINGLE, await service.evaluate(path))).toEqual([]);
  });
});
