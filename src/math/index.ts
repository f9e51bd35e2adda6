export { type Linear64, type Matrix, matrix, type ProductOptions } from "./linear/linear64.ts";
export { referenceLinear64 } from "./linear/reference-linear64.ts";
export { type RuntimeLinearOptions, runtimeLinear64 } from "./linear/runtime-linear64.ts";
