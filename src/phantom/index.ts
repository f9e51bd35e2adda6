export { PHANTOM_CLASSES, PHANTOM_SHARES, type PhantomClass } from "./classes.ts";
export { type PhantomSpec, phantomCounts, phantomPlan } from "./plan.ts";
export { type PhantomImage, renderPhantom } from "./render.ts";
export { type PhantomOptions, type WrittenPhantom, writePhantom } from "./write.ts";
