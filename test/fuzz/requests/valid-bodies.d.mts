export declare class ValidBodies {
  constructor(sealed: readonly string[], parts: object);
  /** A body of its own for a request. */
  of(operation: object, options: { readonly index: number; readonly random: object }): object;
}
