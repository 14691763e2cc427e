import type { OpenWritableStore, StoreKind, WritableKind } from './open-store.js';

/** A store that the suite of faults is run with: what only its server can say. */
export interface FaultWiring {
  readonly kind: StoreKind;
  /** What it is called in the report. Default: its kind. */
  readonly name?: string;
  /** Whether its driver can be told to connect again at once; otherwise 10,000 reconnects would take hours. */
  readonly isImpatient: boolean;
  /** Whether a service can't write through it. Default: it can. */
  readonly isReadOnly?: boolean;
  /** Whether its server alone is broken: the network, the clock and the disk are those of another wiring. Default: false. */
  readonly isServerAlone?: boolean;
  /** A server of this test's own, with nothing in it. */
  start(): Promise<FaultyServer>;
}

/** One in which processes can write by themselves. */
export interface WritableWiring extends FaultWiring {
  readonly kind: WritableKind;
}

/** A server that can be broken in all the ways that servers break. Faults that a store can't have are absent. */
export interface FaultyServer {
  readonly port: number;
  /** Where a store reaches it, with its credentials; `port` leads through a proxy. */
  url(port?: number): string;
  /** Opens what the tests write in. Default: the store at its address. */
  openWriter?(): Promise<OpenWritableStore>;
  /** Where what it holds is copied from. Default: `port`. */
  readonly copiedFrom?: number;
  /** Ends it without a word. What it had acknowledged is on its disk. */
  kill(): Promise<void>;
  /** Starts it again, with what is on its disk. */
  restart(): Promise<void>;
  /** Stops its process: connections stay, and nothing answers. */
  pause(): void;
  resume(): void;
  /** Kills it, removes what is on its disk, and starts it again. */
  empty(): Promise<void>;
  /** What hands can put in the document's place, past Halyard, and what makes room again for a good one. */
  readonly garbage: readonly Garbage[];
  /** Changes the password and ends all connections. Returns what changes it back. */
  readonly changePassword?: () => Promise<() => Promise<unknown>>;
  /** Another server that copies this one, through a proxy, until it is promoted. */
  readonly startReplica?: (port: number) => Promise<Replica>;
  /** Ends it and removes what it has written. */
  remove(): Promise<void>;
}

export interface Replica extends FaultyServer {
  readonly promote: () => Promise<unknown>;
  readonly hasCopied: () => Promise<boolean>;
}

export interface Garbage {
  readonly name: string;
  /** Whether health is `stale` then. Otherwise the rest is taken, and what is garbage keeps its last good form. */
  readonly isNoticed: boolean;
  readonly put: () => Promise<unknown>;
  readonly clear?: () => Promise<unknown>;
}
