export interface Book {
  readonly sent: number;
  readonly charges: number;
  readonly refundRequests: number;
}

export declare function readJournal(text: string): Map<string, Book>;
export declare function chargeProblems(
  payments: readonly {
    readonly reference: string;
    readonly status: string;
    readonly refunds: number;
  }[],
  books: ReadonlyMap<string, Book>,
): string[];
export declare function lostProblems(
  payments: readonly object[],
  heard: ReadonlyMap<string, number>,
): string[];
