// The families that can be trained; src/model/families.ts has the other half of each.
export { dermganTraining as dermgan } from "./dermgan/family.ts";
export { pgganTraining as pggan } from "./pggan/family.ts";
export { pix2pixhdTraining as pix2pixhd } from "./pix2pixhd/family.ts";
export { r3ganTraining as r3gan } from "./r3gan/family.ts";
export { spadeTraining as spade } from "./spade/family.ts";
export { stylegan2Training as stylegan2 } from "./stylegan2/family.ts";
