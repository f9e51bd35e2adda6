import type { GanglionError } from "../../core/errors.ts";
import type { Tensor } from "../tensor.ts";

/** A node as an import rule sees it: inputs and attributes, checked when they are asked for. */
export interface NodeReader {
  readonly count: number;
  has(i: number): boolean;
  tensor(i: number): Tensor;
  tensors(): Tensor[];
  /** Numbers of an input that the file holds. */
  constant(i: number): number[];
  number(name: string, otherwise: number): number;
  text(name: string, otherwise: string): string;
  list(name: string, otherwise: readonly number[]): readonly number[];
  /** Operator sets before 13 keep lists such as axes in an attribute, later ones in an input. */
  listOrInput(name: string, i: number, otherwise: readonly number[]): readonly number[];
  refuse(rule: string): GanglionError;
}
