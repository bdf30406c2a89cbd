export interface DatabaseUrls {
  readonly databaseUrl: string;
  readonly ordersDatabaseUrl: string;
}
/** Gives every process its role and rights in both databases; `passwords` by process. */
export function grantBoth(
  urls: DatabaseUrls,
  passwords: Readonly<Record<string, string>>,
): Promise<void>;
