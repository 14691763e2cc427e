import type { QueryCheck } from '../../../flags/flag-definition.js';
import type { QueryResult } from './observations.js';
import type { Verdict } from './verdict.js';

/** Whether a measure of the user's own is where it may be. Without a result nothing can be told. */
export function limitQuery({ name, above, below }: QueryCheck, result: QueryResult | undefined): Verdict {
  const check = `queries.${name}`;
  const limit = above ?? below ?? NaN;
  if (result === undefined) return { check, result: 'inconclusive', limit };
  if ('error' in result) return { check, result: 'error', limit, error: result.error };
  const { value } = result;
  if (value === undefined || Number.isNaN(value)) return { check, result: 'inconclusive', limit };
  if (above !== undefined && value > above) return { check, result: 'fail', limit: above, measured: value };
  if (below !== undefined && value < below) return { check, result: 'fail', limit: below, measured: value };
  return { check, result: 'pass', limit, measured: value };
}
