const bits = new DataView(new ArrayBuffer(4));

/** Rounds to IEEE 754 half precision, to the nearest, ties to even; beyond 65,504 infinity. @returns The bits. */
export function toHalf(values: Float32Array): Uint16Array {
  return Uint16Array.from(values, (value) => {
    bits.setFloat32(0, value);
    const whole = bits.getUint32(0);
    const sign = (whole >>> 16) & 0x8000;
    const size = Math.abs(value);
    if (Number.isNaN(value)) return sign | 0x7e00;
    // Half of the last step above the greatest number.
    if (size >= 65_520) return sign | 0x7c00;
    // Below the smallest normal number the steps are equal.
    if (size < 2 ** -14) return sign | nearestEven(size * 2 ** 24);
    const exponent = ((whole >>> 23) & 0xff) - 127;
    const steps = nearestEven((size / 2 ** exponent - 1) * 1024);
    return sign | (((exponent + 15) << 10) + steps);
  });
}

/** Numbers of the bits of half precision, exactly. */
export function fromHalf(halves: Uint16Array): Float32Array {
  return Float32Array.from(halves, (half) => {
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >>> 10) & 0x1f;
    const steps = half & 0x3ff;
    if (exponent === 0x1f) return steps === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    if (exponent === 0) return sign * steps * 2 ** -24;
    return sign * (1 + steps / 1024) * 2 ** (exponent - 15);
  });
}

function nearestEven(value: number): number {
  const below = Math.floor(value);
  const over = value - below;
  return over > 0.5 || (over === 0.5 && below % 2 === 1) ? below + 1 : below;
}
