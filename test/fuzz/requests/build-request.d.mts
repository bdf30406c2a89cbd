import type { Contract } from './contract.mjs';

/** A request ready to be sent. */
export interface FuzzRequest {
  readonly faults: readonly string[];
  readonly operationId: string;
  readonly mustBeRefused: string | undefined;
  readonly bytes: Buffer;
}

export declare class RequestBuilder {
  constructor(contract: Contract, parts: object);
  build(index: number): FuzzRequest;
}
