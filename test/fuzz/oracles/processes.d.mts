export declare function errorLines(text: string): string[];
