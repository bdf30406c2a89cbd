export declare function send(
  target: { readonly host: string; readonly port: number },
  request: {
    readonly bytes: Buffer;
    readonly isHead?: boolean;
    readonly closesHalf?: boolean;
    readonly limitMs: number;
  },
): Promise<{
  readonly ended: 'answered' | 'cut' | 'late';
  readonly ms: number;
  readonly status?: number;
  readonly headers?: ReadonlyMap<string, string>;
  readonly type?: string;
  readonly text?: string;
}>;
