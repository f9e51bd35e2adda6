import { existsSync } from "node:fs";

/** Vulkan in software, which comes with Debian's Chromium: WebGPU without a GPU. */
const SOFTWARE_DRIVER = "/usr/lib/chromium/vk_swiftshader_icd.json";
const LOADERS = ["/usr/lib/x86_64-linux-gnu/libvulkan.so.1", "/usr/lib/aarch64-linux-gnu/libvulkan.so.1"];

/** Path of the description of a Vulkan driver that computes in software, where it and Vulkan's loader are installed; or null. */
export function findSoftwareVulkan() {
  return existsSync(SOFTWARE_DRIVER) && LOADERS.some((path) => existsSync(path)) ? SOFTWARE_DRIVER : null;
}
