import type { Server } from 'node:http';

/** Takes the packages as they come: a project may know another declaration of the same types. */
interface Packages<Halyard> {
  readonly createHalyard: (options: never) => Promise<Halyard>;
  readonly fileStore: unknown;
  readonly OpenFeature: unknown;
  readonly Registry: unknown;
}

/** @param listen makes a service that has `/beta` and `/pay` */
declare function scenario<Halyard>(packages: Packages<Halyard>, listen: (halyard: Halyard) => Server): Promise<void>;
export = scenario;
