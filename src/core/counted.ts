/** A number with what follows it, the noun and its verb: `counted(1, "mask is", "masks are")` is "1 mask is". */
export const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;
