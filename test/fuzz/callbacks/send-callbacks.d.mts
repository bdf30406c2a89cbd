export declare function callbackProblems(
  callback: { readonly isRight: boolean; readonly isTooLarge: boolean },
  answer: { readonly status?: number; readonly text?: string; readonly error?: string },
): string[];
