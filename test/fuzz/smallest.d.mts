export declare function smallestParts<T>(
  parts: readonly T[],
  isBad: (parts: readonly T[]) => Promise<boolean>,
  tries?: { left: number },
): Promise<T[]>;
export declare function smallestRequest(
  bytes: Buffer,
  isBad: (bytes: Buffer) => Promise<boolean>,
): Promise<Buffer>;
export declare function shown(bytes: Buffer): string;
