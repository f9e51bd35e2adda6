/** Texts of the reader study; part of the one catalogue. */
export const enReader = {
  "images.count.one": "{n} image",
  "images.count.other": "{n} images",
  "reader.name.usual": "Study {n}",
  "reader.needs":
    "A study needs real and synthetic images. Open a folder that holds a real dataset and one that this command wrote:",
  "reader.needs.project": "A study needs real and synthetic images. Import some and draw others first:",
  "reader.new": "New study",
  "reader.name": "Name",
  "reader.each": "Images of each kind",
  "reader.how":
    "Real and synthetic images are mixed, resized in the same way and shown one by one, in a different order for each reader. Answers are saved immediately.",
  "reader.create": "Create study",
  "reader.you": "Your name or code",
  "reader.read": "Read",
  "reader.answers.of": "Answers of {name}",
  "reader.question": "Can people distinguish synthetic images from real ones?",
  "reader.reload": "Reload the page to go on where you are.",
  "reader.which": "Real or synthetic?",
  "reader.progress": "Progress",
  "reader.thanks": "Thank you, that was the last image.",
  "reader.see": "See the results",
  "reader.judged": "To be judged",
  "reader.real": "Real",
  "reader.no.answer": "no answer",
  "reader.interval": "95 % interval {low} to {high}",
  "reader.refresh": "Refresh",
  "reader.csv": "Answers as CSV",
  "reader.json": "Results as JSON",
  "reader.all": "All studies",
  "reader.verdict.few":
    "Cannot say whether readers tell the synthetic images from real ones: {synthetic} synthetic and {real} real images were answered for, 10 of each are needed.",
  "reader.verdict.told":
    "Readers tell the synthetic images from real ones: they called {synthetic} of the synthetic and {real} of the real images synthetic (difference {value} points, 95 % interval {low} to {high}, {n} answers).",
  "reader.verdict.reversed":
    "Readers tell the synthetic images from real ones, but take them for the real ones: they called {synthetic} of the synthetic and {real} of the real images synthetic (difference {value} points, 95 % interval {low} to {high}, {n} answers).",
  "reader.verdict.not":
    "Not shown that readers tell the synthetic images from real ones: they called {synthetic} of the synthetic and {real} of the real images synthetic (difference {value} points, 95 % interval {low} to {high}, {n} answers).",
  "reader.kappa.none": "Agreement between readers (Fleiss' kappa) needs two readers who answered the same images.",
  "reader.kappa": "Fleiss’ kappa",
  "reader.kappa.of": "{readers} readers, {images} images that all of them answered",
  "reader.reader": "Reader",
  "reader.class": "Class",
  "reader.tpr": "Synthetic called synthetic (TPR)",
  "reader.fpr": "Real called synthetic (FPR)",
  "reader.all.readers": "all readers",
  "reader.all.classes": "all classes",
  "reader.hint":
    "Told apart where the 95 % interval of the difference of both shares (Newcombe) does not hold 0. Not shown is no proof that they are alike. Intervals of shares: Wilson, 95 %. The dotted line is one half.",
} as const;
