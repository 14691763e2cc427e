import type { Request } from 'express';
import type { RequestPrototypes } from '../../src/request/request-translation.js';

/**
 * What the requests of an application inherit from. A mounted application's inherit from those of the one it is mounted
 * on, so the outermost speaks for all.
 */
export function applicationPrototypes(request: Request): RequestPrototypes | undefined {
  // A router of Express's can serve without an application.
  let app = request.app as unknown as MountedApplication | undefined;
  while (app?.parent !== undefined) app = app.parent;
  return app;
}

/** What Express's types don't tell of an application. */
type MountedApplication = RequestPrototypes & { readonly parent?: MountedApplication };
