import { type FlagDocument, type MemoryStore, memoryStore, type StoredFlags, type WritableFlagStore } from 'halyard';

/** A store that answers, refuses, or leaves everybody waiting, as the test says. What it holds it keeps meanwhile. */
export class RemoteStore implements WritableFlagStore {
  readonly name: string;
  readonly refuses = 'flags';
  readonly held: MemoryStore;
  #mode: 'up' | 'down' | 'hanging' = 'up';
  #waiting: (() => void)[] = [];
  readonly #listeners = new Set<() => void>();
  /** In place of what it holds. */
  text: string | undefined;
  loads = 0;

  constructor(flags: FlagDocument['flags'], name = 'remote:shop') {
    this.name = name;
    this.held = memoryStore({ version: 1, flags });
    this.held.watch(() => this.#tell());
  }

  /** Refuses everything. */
  goDown(): void {
    this.#become('down');
  }

  /** Answers nothing; whoever asks waits. */
  hang(): void {
    this.#become('hanging');
  }

  comeBack(): void {
    this.#become('up');
  }

  set(flags: FlagDocument['flags']): void {
    this.held.set({ version: 1, flags });
  }

  async load(): Promise<StoredFlags> {
    this.loads += 1;
    await this.#reach();
    const { document, state, version } = await this.held.load();
    return this.text === undefined
      ? { document, state, version }
      : { document: [{ name: this.name, text: this.text }], state, version: `${version}-text` };
  }

  watch(onChange: () => void): () => void {
    this.#listeners.add(onChange);
    return () => this.#listeners.delete(onChange);
  }

  async update(...change: Parameters<WritableFlagStore['update']>): Promise<StoredFlags> {
    await this.#reach();
    return await this.held.update(...change);
  }

  async updateState(...change: Parameters<WritableFlagStore['updateState']>): Promise<StoredFlags> {
    await this.#reach();
    return await this.held.updateState(...change);
  }

  async history(...options: Parameters<WritableFlagStore['history']>): ReturnType<WritableFlagStore['history']> {
    await this.#reach();
    return await this.held.history(...options);
  }

  close(): Promise<void> {
    this.#listeners.clear();
    return Promise.resolve();
  }

  async #reach(): Promise<void> {
    if (this.#mode === 'hanging') await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (this.#mode === 'down') throw new Error(`${this.name}: connection refused`);
  }

  #become(mode: 'up' | 'down' | 'hanging'): void {
    this.#mode = mode;
    for (const go of this.#waiting.splice(0)) go();
    this.#tell();
  }

  #tell(): void {
    for (const onChange of [...this.#listeners]) onChange();
  }
}
