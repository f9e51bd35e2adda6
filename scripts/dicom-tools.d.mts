export declare function findDicomTools(env?: Record<string, string | undefined>): string | null;
export declare function findOrthanc(env?: Record<string, string | undefined>): string | null;
