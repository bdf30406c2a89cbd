export interface MemoryLook {
  readonly name: string;
  readonly heapMb: number;
  readonly residentMb: number;
}

export declare function memoryProblems(warm: MemoryLook, end: MemoryLook): string[];
