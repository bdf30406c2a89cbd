export declare class Contract {
  constructor(document: object);
  readonly document: { readonly components: { readonly schemas: Record<string, object> } };
  readonly operations: readonly { readonly operationId: string; readonly method: string }[];
  faultOf(name: string, value: unknown): string | undefined;
}
