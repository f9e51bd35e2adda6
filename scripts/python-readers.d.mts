export declare function findPythonReaders(env?: Record<string, string | undefined>): string | null;
