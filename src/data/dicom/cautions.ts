import type { Instance } from "./instance.ts";
import type { Scan } from "./scan.ts";

/** What to know of the pictures of a scan before they are used or shared, one line each. */
export function cautionNotes(
  { instances, skipped, notes: found }: Scan,
  asked: { readonly windowed: boolean; readonly keepIds: boolean },
): string[] {
  const notes: string[] = [];
  const say = (holds: (instance: Instance) => boolean, words: string) => {
    const n = instances.filter(holds).length;
    if (n > 0) notes.push(`${words}: ${n} of ${instances.length} files`);
  };
  say(
    ({ cautions }) => cautions.burnedIn === "stated",
    "text is burned into the image, according to the file; look at it, it may name the patient",
  );
  say(
    ({ cautions }) => cautions.burnedIn === "likely",
    "a capture, photograph or ultrasound without a word on whether text is burned in; look at it, it may name the patient",
  );
  say(({ cautions }) => cautions.face, "a person may be recognised by what is shown, as the file itself says");
  say(({ cautions }) => cautions.privateElements > 0, "private data of a manufacturer, none of which is carried over");
  say(({ cautions }) => cautions.overlays, "overlay planes (drawings, text), which are not drawn into the image");
  if (asked.windowed) say(({ colour }) => colour, "colour images, to which the window does not apply");
  else {
    say(
      ({ needsRange }) => needsRange,
      "no word on how grey is to be shown, so that the range of values of the series becomes 0..255 (--window C,W chooses another)",
    );
  }
  if (!asked.windowed)
    say(
      ({ narrowWindow }) => narrowWindow,
      "a window narrower than one step of the values, which is not used: all would be black or white",
    );
  for (const keyword of ["PatientSex", "PatientAge"]) {
    say(({ notUnderstood }) => notUnderstood.includes(keyword), `${keyword} cannot be understood and is left empty`);
  }
  say(
    ({ patient }) => patient.startsWith("study\0"),
    "no patient is named, so that each study counts as a patient alone",
  );
  for (const oddity of new Set(instances.flatMap(({ oddities }) => oddities))) {
    say(({ oddities }) => oddities.includes(oddity), `against the rules and read all the same, ${oddity}`);
  }
  notes.push(...found);
  const others = Object.entries(skipped).map(([reason, n]) => `${n} ${reason}`);
  if (others.length > 0) notes.push(`files left out: ${others.join(", ")}`);
  if (asked.keepIds) notes.push("patient, study and series identifiers are kept unchanged: they identify people");
  return notes;
}
