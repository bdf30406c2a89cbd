export declare class SchemaValues {
  constructor(schemas: Record<string, object>, seed: number);
  of(schema: object, random: object): unknown;
}
