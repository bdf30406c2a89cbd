/** Scripts the simulated gateway; of its methods those that specs use. */
export declare class SandboxControl {
  constructor(url: string);
  edit(transID: string, orderStatus: string): Promise<unknown>;
  forge(transID: string, data: object): Promise<unknown>;
}
