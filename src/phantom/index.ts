export { PHANTOM_CLASSES, type PhantomClass } from "./classes.ts";
export { type PhantomSpec, phantomCounts, phantomPlan } from "./plan.ts";
export { type PhantomImage, renderPhantom } from "./render.ts";
export { type PhantomOptions, type WrittenPhantom, writePhantom } from "./write.ts";
