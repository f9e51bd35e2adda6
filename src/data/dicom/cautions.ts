import type { Instance } from "./instance.ts";
import type { Scan } from "./scan.ts";

const files = (n: number) => `${n} ${n === 1 ? "file" : "files"}`;

/** What to know of the pictures of a scan before they are used or shared, one line each. */
export function cautionNotes(
  { instances, skipped }: Scan,
  asked: { readonly windowed: boolean; readonly keepIds: boolean },
): string[] {
  const count = (holds: (instance: Instance) => boolean) => instances.filter(holds).length;
  const notes: string[] = [];
  const say = (n: number, words: (n: number) => string) => {
    if (n > 0) notes.push(words(n));
  };
  say(
    count(({ cautions }) => cautions.burnedIn === "stated"),
    (n) => `${files(n)} say that text is burned into the picture: look at them, it may name the patient`,
  );
  say(
    count(({ cautions }) => cautions.burnedIn === "likely"),
    (n) =>
      `${files(n)} are screen captures, photographs or ultrasound and do not say whether text is burned in: look at them, it may name the patient`,
  );
  say(
    count(({ cautions }) => cautions.face),
    (n) => `${files(n)} say that a person may be recognised by what they show`,
  );
  say(
    count(({ cautions }) => cautions.privateElements > 0),
    (n) => `${files(n)} hold private data of a manufacturer, none of which is carried over`,
  );
  say(
    count(({ cautions }) => cautions.overlays),
    (n) => `${files(n)} have overlay planes (drawings, text), which are not drawn into the picture`,
  );
  if (asked.windowed) {
    say(
      count(({ colour }) => colour),
      (n) => `${files(n)} are in colour, to which a window does not apply`,
    );
  } else {
    say(
      count(({ needsRange }) => needsRange),
      (n) =>
        `${files(n)} do not say how grey is to be shown: the range of values of their series becomes 0..255; choose a window with --window C,W`,
    );
  }
  say(
    count(({ patient }) => patient.startsWith("study\0")),
    (n) => `${files(n)} name no patient; each study of theirs counts as a patient alone`,
  );
  const odd = instances.filter(({ oddities }) => oddities.length > 0);
  say(
    odd.length,
    (n) => `${files(n)} are not written by the rules and were read all the same (${odd[0].oddities[0]}, …)`,
  );
  const others = Object.entries(skipped);
  if (others.length > 0) {
    notes.push(`left out: ${others.map(([reason, n]) => `${n} ${reason}`).join(", ")}`);
  }
  if (asked.keepIds) notes.push("patient, study and series identifiers are kept as they are: they name people");
  return notes;
}
