/** Proof that a process id still means the same process. */
export interface ProcessProof {
  readonly pid: number;
  readonly identity: string | undefined;
}

export declare function processIdentity(pid: number): string | undefined;
export declare function commandLine(pid: number): string;
export declare function isAlive(proof: ProcessProof): boolean;
