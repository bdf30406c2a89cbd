/** One migration folder. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/** A row of Prisma's own table that was not rolled back. */
export interface AppliedMigration {
  readonly migration_name: string;
  readonly checksum: string;
  readonly finished_at: Date | null;
}

export declare function readMigrations(folder: string): Migration[];
export declare function planMigrations(
  migrations: readonly Migration[],
  history: readonly AppliedMigration[],
): Migration[];
export declare function migrate(url: string, folder: string): Promise<string[]>;
