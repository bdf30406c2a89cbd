export declare function isAsGoodAsReal(body: Buffer, subject: object): boolean;
