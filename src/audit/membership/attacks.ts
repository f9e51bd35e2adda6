import type { MembershipAttack } from "./attack.ts";
import { domias } from "./domias.ts";
import { ganLeaks } from "./gan-leaks.ts";

/**
 * Every attack on membership, in the order of `audit.json`. The first one's reference tells whether the real sets differ
 * (`shiftWarning`).
 */
export const ATTACKS: readonly MembershipAttack[] = [ganLeaks, domias];
