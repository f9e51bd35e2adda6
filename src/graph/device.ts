/** Where a program computes: this processor, any GPU through WebGPU, or a GPU of NVIDIA through CUDA. */
export const DEVICES = ["cpu", "webgpu", "cuda"] as const;
export type Device = (typeof DEVICES)[number];
