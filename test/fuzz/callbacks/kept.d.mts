export declare function keptProblems(
  kept: ReadonlySet<string>,
  received: ReadonlySet<string>,
): string[];
