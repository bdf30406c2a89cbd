export declare const root: string;
export declare const dataFolder: string;
export declare function dataPath(...names: readonly string[]): string;
