// The families of models; src/train/families.ts has the other half of each. The name of an export is that of its family.
export { dermgan } from "./dermgan/family.ts";
export { pggan } from "./pggan/family.ts";
export { pix2pixhd } from "./pix2pixhd/family.ts";
export { r3gan } from "./r3gan/family.ts";
export { spade } from "./spade/family.ts";
export { stylegan2 } from "./stylegan2/family.ts";
