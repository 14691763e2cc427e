import { execFileSync } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../stores/temporary-folder.js';

const page = Buffer.alloc(4_096);

/** A file system of 64 kB in memory. */
export class SmallDisk {
  readonly path: string;
  readonly #remove: () => Promise<void>;

  private constructor(path: string, remove: () => Promise<void>) {
    this.path = path;
    this.#remove = remove;
  }

  /** `undefined`: it can't be mounted here. */
  static async mount(): Promise<SmallDisk | undefined> {
    const { path, remove } = await temporaryFolder();
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', path], { stdio: 'ignore' });
      return new SmallDisk(path, remove);
    } catch {
      await remove();
      return undefined;
    }
  }

  /** Leaves no room. */
  fill(): void {
    const ballast = openSync(this.#ballast, 'w');
    try {
      for (;;) writeSync(ballast, page);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    } finally {
      closeSync(ballast);
    }
  }

  clear(): void {
    rmSync(this.#ballast);
  }

  async remove(): Promise<void> {
    execFileSync('umount', [this.path]);
    await this.#remove();
  }

  get #ballast(): string {
    return join(this.path, 'ballast');
  }
}
