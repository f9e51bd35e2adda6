import { GanglionError } from "../../core/errors.ts";
import { orMissing } from "../../core/inside-folder.ts";
import { quoted } from "../../core/quoted.ts";
import type { StudyAnswer, StudyQuestion, StudyResults, StudySummary } from "../api.ts";
import { AnswerLog } from "./answers.ts";
import { readerOrder } from "./choose-images.ts";
import { type MakeStudyOptions, makeStudy } from "./make-study.ts";
import { answersCsv, readersOf, resultsJson, studyResults } from "./results.ts";
import {
  readPicture,
  readStudy,
  type StudyFile,
  type StudyPlace,
  studyIds,
  studyPlace,
  writeStudy,
} from "./study-file.ts";

interface OpenStudy {
  readonly place: StudyPlace;
  readonly study: StudyFile;
  readonly log: AnswerLog;
}

/** The reader studies of a folder: one sub-folder each, gone on with after a restart. */
export class Studies {
  readonly #folder: string;
  readonly #note: (message: string) => void;
  readonly #opened = new Map<string, Promise<OpenStudy>>();

  /**
   * @param folder Real path; the folder of studies in it is made with the first one.
   * @param note Told of studies that cannot be read.
   */
  constructor(folder: string, note: (message: string) => void) {
    this.#folder = folder;
    this.#note = note;
  }

  /** Every study that can be read. */
  async list(): Promise<StudySummary[]> {
    const summaries: StudySummary[] = [];
    for (const id of await studyIds(this.#folder)) {
      const opened = await this.#open(id).catch((error: Error) => {
        this.#note(`studio: ${error.message}`);
        return null;
      });
      if (opened !== null) summaries.push(summaryOf(id, opened));
    }
    return summaries;
  }

  /** Makes a study. @throws GanglionError see {@link makeStudy} */
  async make(options: MakeStudyOptions): Promise<StudySummary> {
    const { id, study, pictures } = await makeStudy(options);
    await writeStudy(studyPlace(this.#folder, id), study, pictures);
    const opened = await this.#open(id);
    if (opened === null) throw new GanglionError("internal", `internal: study ${id} is gone`);
    return summaryOf(id, opened);
  }

  /** The picture that a reader sees next; null when there is no such study. */
  async next(id: string, reader: string): Promise<StudyQuestion | null> {
    const opened = await this.#open(id);
    return opened === null ? null : questionOf(opened, reader);
  }

  /**
   * Keeps an answer on disk and tells what follows; null when there is no such study.
   * @throws GanglionError `usage` for a key of another study, `refused` for a second answer
   */
  async answer(
    id: string,
    { reader, key, answer, milliseconds }: StudyAnswer,
    at: string,
  ): Promise<StudyQuestion | null> {
    const opened = await this.#open(id);
    if (opened === null) return null;
    if (!opened.study.images.some((image) => image.key === key)) {
      throw new GanglionError("usage", `${quoted(key)} is not an image of this study; request the next one`);
    }
    await opened.log.add({ reader, key, answer, milliseconds, at });
    return questionOf(opened, reader);
  }

  async results(id: string): Promise<StudyResults | null> {
    const opened = await this.#open(id);
    return opened === null ? null : studyResults(opened.study, opened.log.answers);
  }

  async csv(id: string): Promise<string | null> {
    const opened = await this.#open(id);
    return opened === null ? null : answersCsv(opened.study, opened.log.answers);
  }

  async json(id: string): Promise<string | null> {
    const opened = await this.#open(id);
    return opened === null ? null : resultsJson(opened.study, opened.log.answers);
  }

  /** PNG of a picture; null when study or key is unknown, or when its file is gone. @throws GanglionError for a link */
  async picture(id: string, key: string): Promise<Buffer | null> {
    const opened = await this.#open(id);
    if (!opened?.study.images.some((image) => image.key === key)) return null;
    return orMissing(readPicture(opened.place, key));
  }

  async #open(id: string): Promise<OpenStudy | null> {
    const known = this.#opened.get(id);
    if (known !== undefined) return known;
    if (!(await studyIds(this.#folder)).includes(id)) return null;
    // Two requests at once must share one log: it alone knows what is answered.
    const shared = this.#opened.get(id) ?? openStudy(studyPlace(this.#folder, id));
    this.#opened.set(id, shared);
    shared.catch(() => this.#opened.delete(id));
    return shared;
  }
}

async function openStudy(place: StudyPlace): Promise<OpenStudy> {
  const study = await readStudy(place);
  return { place, study, log: await AnswerLog.open(place.folder, `${place.name}/answers.jsonl`) };
}

function summaryOf(id: string, { study, log }: OpenStudy): StudySummary {
  const answered = (name: string) => log.answers.filter(({ reader }) => reader === name).length;
  return {
    id,
    name: study.name,
    images: study.images.length,
    readers: readersOf(log.answers).map((name) => ({ name, answered: answered(name) })),
  };
}

function questionOf({ study, log }: OpenStudy, reader: string): StudyQuestion {
  const done = new Set(log.answers.filter((answer) => answer.reader === reader).map(({ key }) => key));
  const keys = study.images.map(({ key }) => key);
  const [key = null, following = null] = readerOrder(keys, study.seed, reader).filter((one) => !done.has(one));
  return { key, following, answered: done.size, images: keys.length };
}
