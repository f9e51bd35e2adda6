export declare function findStrace(env?: Record<string, string | undefined>): string | null;
