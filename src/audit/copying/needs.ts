/** What an attacker must have for the tests of copying. */
export const COPYING_NEEDS = "Nothing: this measures the synthetic set itself, with all real images at hand.";
