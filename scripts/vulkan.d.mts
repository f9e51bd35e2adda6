export declare function findSoftwareVulkan(): string | null;
