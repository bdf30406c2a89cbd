/** `figures` as `allFigures` gives them, with `guarded` where that version took part. */
export declare function figuresTable(figures: object): string;
