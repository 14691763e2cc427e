import { FileWatcher, type FileWatcherOptions } from './file-watcher.js';

interface Listener {
  readonly onChange: () => void;
  /** The fingerprint of the content that it has been told of; `undefined`: none yet. */
  known: string | undefined;
}

/**
 * Tells listeners when the content of files is another than the one that they know. What counts is the content: the
 * watcher's events are only a reason to read it again.
 */
export class FileChanges {
  readonly #readFingerprint: () => Promise<string>;
  readonly #createWatcher: (onHint: () => void) => FileWatcher;
  readonly #listeners = new Set<Listener>();
  #watcher: FileWatcher | undefined;
  #loaded: string | undefined;
  #checking = false;
  #checkAgain = false;
  #closed = false;

  constructor(paths: readonly string[], options: FileWatcherOptions, readFingerprint: () => Promise<string>) {
    this.#readFingerprint = readFingerprint;
    this.#createWatcher = (onHint) => new FileWatcher(paths, options, onHint);
  }

  watch(onChange: () => void): () => void {
    if (this.#closed) return () => undefined;
    const listener: Listener = { onChange, known: this.#loaded };
    this.#listeners.add(listener);
    this.#watcher ??= this.#startWatcher();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stopWatcher();
    };
  }

  /** Somebody has loaded this content. A listener that knows another may have missed something, and is told to look. */
  loaded(fingerprint: string): void {
    this.#loaded = fingerprint;
    if ([...this.#listeners].some(({ known }) => known !== undefined && known !== fingerprint))
      this.#suspect(fingerprint);
  }

  /** This was the content before a change of our own. A listener that knows none yet is to be told of the change. */
  saw(fingerprint: string): void {
    for (const listener of this.#listeners) listener.known ??= fingerprint;
  }

  /** Reads the content and tells those who know another. */
  check(): void {
    if (this.#listeners.size === 0) return;
    this.#checkAgain = true;
    if (!this.#checking) void this.#checkWhileAsked();
  }

  close(): void {
    this.#closed = true;
    this.#listeners.clear();
    this.#stopWatcher();
  }

  #suspect(fingerprint: string): void {
    for (const listener of this.#listeners) {
      if (listener.known !== fingerprint) listener.known = '';
    }
    this.check();
  }

  async #checkWhileAsked(): Promise<void> {
    this.#checking = true;
    try {
      while (this.#checkAgain) {
        this.#checkAgain = false;
        this.#tell(await this.#readFingerprint());
      }
    } catch {
      // A file that can't be read is content too; what else fails will fail in `load`, which reports it.
    } finally {
      this.#checking = false;
    }
  }

  #tell(fingerprint: string): void {
    for (const listener of [...this.#listeners]) {
      const known = listener.known ?? this.#loaded ?? fingerprint;
      listener.known = fingerprint;
      if (known === fingerprint || !this.#listeners.has(listener)) continue;
      try {
        listener.onChange();
      } catch {
        // It does no harm to the others.
      }
    }
  }

  #startWatcher(): FileWatcher {
    const watcher = this.#createWatcher(() => this.check());
    void watcher.start();
    return watcher;
  }

  #stopWatcher(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }
}
