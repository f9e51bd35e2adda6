export { channelBlock } from "./channel-block.ts";
export { checkDevice, type DeviceAbility } from "./check-device.ts";
export { chooseDevice } from "./choose-device.ts";
export { type CompileOptions, compile, type Numbers, type Program, prepare } from "./compile.ts";
export { DEVICES, type Device } from "./device.ts";
export { flopsOf } from "./flops.ts";
export { gradient } from "./gradient.ts";
export { type Feeds, interpret } from "./interpreter.ts";
export type { FloatType } from "./onnx/builder.ts";
export { CONVOLUTION_FORMS, type ConvolutionPlans } from "./onnx/convolution-plans.ts";
export { ancestorsOf, type ImportedModel, type ImportOptions, importOnnx } from "./onnx/import.ts";
export { type EmitOptions, emitOnnx, LABEL_END } from "./onnx/lower.ts";
export {
  type OnnxAttribute,
  type OnnxData,
  type OnnxElementType,
  type OnnxNode,
  type OnnxPort,
  type OnnxSummary,
  type OnnxTensor,
  readOnnx,
} from "./onnx/read.ts";
export { isIntact, sealOnnx } from "./onnx/seal.ts";
export * from "./ops.ts";
export { perSampleGradient } from "./per-sample.ts";
export { print } from "./print.ts";
export { racePlans } from "./race-plans.ts";
export {
  type DeviceValue,
  type Model,
  type ModelOptions,
  openModel,
  type Port,
  runtimeVersion,
  type Value,
} from "./runtime.ts";
export { shareBackward } from "./share-backward.ts";
export { simplify } from "./simplify.ts";
export {
  type AnyTensor,
  type ConvGeometry,
  inversePermutation,
  type OpName,
  type Shape,
  sizeOf,
  type Tensor,
  topologicalOrder,
} from "./tensor.ts";
export { verify } from "./verify.ts";
