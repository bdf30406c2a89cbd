export const RIGHTS: Readonly<Record<string, Readonly<Record<string, string>>>>;
export const ORDERS_RIGHTS: Readonly<Record<string, Readonly<Record<string, string>>>>;
/** The role of a process in Postgres. */
export function roleOf(process: string): string;
