export interface RunCard {
  readonly name: string;
  readonly number: string;
  readonly cvv: string;
}

export declare class Secrets {
  constructor(secrets: {
    readonly cards: readonly RunCard[];
    readonly keys: Readonly<Record<string, string>>;
  });
  problemsIn(name: string, text: string): string[];
}

export declare function cardOfRun(random: { below(limit: number): number }): RunCard;
