import { stat } from 'node:fs/promises';

/** What shows without reading that a file is another than before. */
export interface FileTrace {
  /** Equal for a file that nobody touched; the system's message for one that can't be found. */
  readonly trace: string;
  /** When the content changed, in milliseconds since the epoch; `-Infinity` for a file that can't be found. */
  readonly changedAt: number;
}

export async function traceFile(path: string): Promise<FileTrace> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return { trace: [dev, ino, size, mtimeNs, ctimeNs].join(':'), changedAt: Number(mtimeNs / 1_000_000n) };
  } catch (error) {
    return { trace: String(error), changedAt: -Infinity };
  }
}
