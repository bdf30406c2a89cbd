export declare function moveProblems(code: string, statuses: readonly string[]): string[];
