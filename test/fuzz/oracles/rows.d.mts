export declare function textProblems(row: unknown): string[];
export declare function paymentProblems(row: object): string[];
export declare function refundProblems(row: object): string[];
export declare function promiseProblems(
  stored: readonly { readonly id: string; readonly reference: string }[],
  answers: { readonly told: ReadonlySet<string>; readonly unanswered: ReadonlySet<string> },
): string[];
