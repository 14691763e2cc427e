import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Halyard } from '../../src/halyard.js';
import type { FlagsOptions } from '../../src/request/flags-options.js';
import type { KillSwitchOptions } from '../../src/request/kill-switch-guard.js';
import type { RequestFlags } from '../../src/request/request-flags.js';
import type { RequireFlagOptions } from '../../src/request/require-flag-guard.js';

/** A request as the contract sees it, whatever the framework. */
export interface TestRequest {
  /** Where authentication leaves who the user is: on the framework's request, as people do it. */
  user: string | undefined;
  /** What `flags()` of the adapter put on the request. */
  readonly flags: RequestFlags;
  readonly body: unknown;
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly header: (name: string) => string | undefined;
}

/** What it returns is answered as JSON with status 200, unless it has begun an answer of its own on `outgoing`. */
export type Handler = (request: TestRequest) => unknown;

/** One step of an application's middleware, in order. */
export type Step =
  | { readonly flags: Halyard; readonly options?: FlagsOptions<TestRequest> }
  | { readonly killSwitch: string; readonly of: Halyard; readonly options?: KillSwitchOptions<Handler> }
  | { readonly requireFlag: string; readonly of: Halyard; readonly options?: RequireFlagOptions<Handler> }
  /** Does something, then goes on. */
  | { readonly before: (request: TestRequest) => unknown }
  /** Runs everything that follows inside something. */
  | { readonly around: (next: () => void) => void }
  /** `behind`: what comes before must see the request even if its body can't be read. */
  | { readonly parseJson: true | 'behind' }
  /** A route for every method, behind steps of its own. */
  | { readonly route: string; readonly steps?: readonly Step[]; readonly handle: Handler }
  /** A router mounted at a path. */
  | { readonly router: string; readonly steps: readonly Step[] };

/** A framework's server that answers at `url`. An error that reaches its error handler is answered `500 { error: message }`. */
export interface TestServer {
  readonly url: string;
  close(): Promise<void>;
}

/** The contract's options in the words of a framework. `view` is its request in the contract's. */
export function optionsFor<Source>(
  { context, requestId, ...rest }: FlagsOptions<TestRequest>,
  view: (source: Source) => TestRequest,
): FlagsOptions<Source> {
  return {
    ...rest,
    ...(context !== undefined && {
      // The kind of function is part of what is tested.
      context:
        context.constructor.name === 'AsyncFunction'
          ? async (source: Source) => context(view(source))
          : (source: Source) => context(view(source)),
    }),
    ...(requestId !== undefined && { requestId: (source: Source) => requestId(view(source)) }),
  };
}

/** How the contract is run against one adapter. */
export interface AdapterHarness {
  /** Why the framework can't have an application of these steps: the test that asks for one is skipped, and says so. */
  whyNot?(steps: readonly Step[]): string | undefined;
  /** Serves on a port that the system chooses. A proxy in front is trusted: `x-forwarded-proto` counts. */
  listen(steps: readonly Step[]): Promise<TestServer>;
}
