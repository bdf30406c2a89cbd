export declare function callbackAddress(id: string, key: string): string;
export declare function paymentOfAddress(address: string, key: string): string | undefined;
