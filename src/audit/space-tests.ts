import { authenticityTest } from "./copying/authenticity-test.ts";
import { shareTests } from "./copying/share-test.ts";
import { threeSamplesTest } from "./copying/three-samples-test.ts";
import { membershipTests } from "./membership/membership-tests.ts";
import type { SpaceTest } from "./space-test.ts";

/** The tests of every space, in the order of `audit.json`. */
export const SPACE_TESTS: readonly SpaceTest[] = [shareTests, threeSamplesTest, authenticityTest, membershipTests];
