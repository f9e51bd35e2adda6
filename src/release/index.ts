export { ACCEPTABLE, type Acceptable, acceptingConfig } from "./accepted.ts";
export { CHECKSUMS, type Verified, verifyRelease } from "./checksums.ts";
export {
  DEFAULT_CONFIG,
  type GateConfig,
  type ReleaseConfig,
  readReleaseConfig,
} from "./config.ts";
export { FORMAT_NAMES, type FormatName } from "./formats.ts";
export { parseLicense } from "./license.ts";
export type {
  PackageFormat,
  PackageOptions,
  ReleaseBox,
  ReleaseContent,
  ReleaseImage,
  ReleaseLicense,
  ReleasePrivacy,
  WrittenPackage,
} from "./package-writer.ts";
export { type Release, type ReleaseOptions, release } from "./release.ts";
