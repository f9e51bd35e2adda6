/**
 * Text of DICOM values by Specific Character Set (0008,0005): PS3.3 section C.12.1.1.2, code extensions by ISO 2022
 * escape sequences PS3.5 section 6.1.2.5.
 */

/** Character sets without code extension, by defined term; decoders of the WHATWG encoding standard. */
const SINGLE: Readonly<Record<string, string>> = {
  "ISO_IR 100": "iso-8859-1",
  "ISO_IR 101": "iso-8859-2",
  "ISO_IR 109": "iso-8859-3",
  "ISO_IR 110": "iso-8859-4",
  "ISO_IR 144": "iso-8859-5",
  "ISO_IR 127": "iso-8859-6",
  "ISO_IR 126": "iso-8859-7",
  "ISO_IR 138": "iso-8859-8",
  "ISO_IR 148": "iso-8859-9",
  "ISO_IR 203": "iso-8859-15",
  "ISO_IR 13": "shift_jis",
  "ISO_IR 166": "windows-874",
  "ISO_IR 192": "utf-8",
  GB18030: "gb18030",
  GBK: "gbk",
};

/** What an escape sequence calls up: decoder, whether two bytes make a character, and which half it fills. */
interface Called {
  readonly encoding: string;
  readonly half: "low" | "high";
  /** Bytes are moved into the upper half before they are decoded, as the decoder expects them there. */
  readonly raise?: boolean;
  readonly prefix?: string;
}

const high = (encoding: string): Called => ({ encoding, half: "high" });
/** By what follows ESC (PS3.3 tables C.12-3 and C.12-4). */
const ESCAPES: ReadonlyMap<string, Called> = new Map([
  ["(B", { encoding: "ascii", half: "low" }],
  ["(J", { encoding: "ascii", half: "low" }],
  ["-A", high("iso-8859-1")],
  ["-B", high("iso-8859-2")],
  ["-C", high("iso-8859-3")],
  ["-D", high("iso-8859-4")],
  ["-L", high("iso-8859-5")],
  ["-G", high("iso-8859-6")],
  ["-F", high("iso-8859-7")],
  ["-H", high("iso-8859-8")],
  ["-M", high("iso-8859-9")],
  ["-b", high("iso-8859-15")],
  ["-T", high("windows-874")],
  [")I", high("shift_jis")],
  ["$B", { encoding: "euc-jp", half: "low", raise: true }],
  ["$(D", { encoding: "euc-jp", half: "low", raise: true, prefix: "\x8f" }],
  ["$)C", high("euc-kr")],
  ["$)A", high("gb18030")],
]);

const ESCAPE = 0x1b;
const decoders = new Map<string, InstanceType<typeof TextDecoder>>();

function decodeAs(encoding: string, bytes: Uint8Array): string {
  if (encoding === "ascii") return Buffer.from(bytes).toString("latin1");
  let decoder = decoders.get(encoding);
  if (decoder === undefined) {
    decoder = new TextDecoder(encoding);
    decoders.set(encoding, decoder);
  }
  return decoder.decode(bytes);
}

/** `ISO 2022 IR 100` and misspellings that are met (`ISO-IR 100`, `ISO_IR_100`) as `ISO_IR 100`. */
function normalTerm(term: string): string {
  const number = /^ISO[ _-]?(?:2022[ _-])?IR[ _-]?(\d+)$/i.exec(term.trim())?.[1];
  if (number !== undefined) return `ISO_IR ${number}`;
  return term.trim().toUpperCase();
}

/**
 * Text of a value. Unknown character sets and broken sequences never fail: what cannot be told becomes U+FFFD, or
 * Latin-1 where no set is stated.
 * @param terms Values of Specific Character Set; none means ASCII.
 */
export function decodeText(bytes: Uint8Array, terms: readonly string[]): string {
  const first = SINGLE[normalTerm(terms[0] ?? "")] ?? "iso-8859-1";
  const extended = terms.length > 1 || /2022/.test(terms[0] ?? "");
  if (!extended || !bytes.includes(ESCAPE)) return decodeAs(first, bytes);
  return decodeExtended(bytes, high(first));
}

function decodeExtended(bytes: Uint8Array, initial: Called): string {
  let low: Called = { encoding: "ascii", half: "low" };
  let upper = initial;
  let out = "";
  let at = 0;
  while (at < bytes.length) {
    if (bytes[at] === ESCAPE) {
      const found = [3, 2].find((n) => ESCAPES.has(Buffer.from(bytes.subarray(at + 1, at + 1 + n)).toString("latin1")));
      if (found === undefined) {
        out += "\ufffd";
        at++;
        continue;
      }
      const called = ESCAPES.get(Buffer.from(bytes.subarray(at + 1, at + 1 + found)).toString("latin1")) as Called;
      if (called.half === "low") low = called;
      else upper = called;
      at += 1 + found;
      continue;
    }
    const code = bytes[at]!;
    // Delimiters of values and of the parts of a name call the initial sets up again (PS3.5 section 6.1.2.5.3).
    if (code === 0x5c || code === 0x5e || code === 0x3d || code === 0x0d || code === 0x0a) {
      if (!(low.raise === true) || code === 0x0d || code === 0x0a) {
        out += String.fromCharCode(code);
        low = { encoding: "ascii", half: "low" };
        upper = initial;
        at++;
        continue;
      }
    }
    let end = at + 1;
    const upperHalf = code >= 0x80;
    while (end < bytes.length && bytes[end] !== ESCAPE && bytes[end]! >= 0x80 === upperHalf) {
      if (!upperHalf && low.raise !== true && /[\\^=\r\n]/.test(String.fromCharCode(bytes[end]!))) break;
      end++;
    }
    out += decodeRun(bytes.subarray(at, end), upperHalf ? upper : low);
    at = end;
  }
  return out;
}

function decodeRun(run: Uint8Array, { encoding, raise, prefix }: Called): string {
  if (raise !== true) return decodeAs(encoding, run);
  const raised: number[] = [];
  for (let i = 0; i < run.length; i += 2) {
    if (prefix !== undefined) raised.push(prefix.charCodeAt(0));
    raised.push(run[i]! | 0x80);
    if (i + 1 < run.length) raised.push(run[i + 1]! | 0x80);
  }
  return decodeAs(encoding, Uint8Array.from(raised));
}
