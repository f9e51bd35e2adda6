import type {
  ApiError,
  DatasetSummary,
  DrawingSet,
  Drawing as DrawingToKeep,
  ImagePage,
  StudyAnswer,
  StudyQuestion,
  StudyRequest,
  StudyResults,
  StudySummary,
  Workspace,
} from "../api.ts";
import type {
  DryRun,
  FolderListing,
  InspectionSummary,
  JobLog,
  JobProblems,
  JobRecord,
  JobRequest,
  Preview,
  Project,
  ReadAs,
  ReleaseFacts,
  SetPage,
  Slices,
  StudyPlanRequest,
  UploadList,
  UploadRequest,
  UploadState,
} from "../project-api.ts";

const at = (strings: TemplateStringsArray, ...words: (string | number)[]) =>
  `/api/${String.raw(strings, ...words.map((word) => encodeURIComponent(word)))}`;

/** @throws Error with the server's words */
async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch {
    throw new Error("The studio does not answer. Is `ganglion studio` still running?");
  }
  if (response.ok) return (await response.json()) as T;
  const body = (await response.json().catch(() => null)) as ApiError | null;
  throw new Error(body?.error?.message ?? `The studio answered with status ${response.status}.`);
}

const post = <T>(path: string, body: unknown, signal?: AbortSignal) =>
  ask<T>(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal: signal ?? null,
  });

/** Filter and place in a dataset; empty words filter nothing. */
export interface ImageQuery {
  readonly class: string;
  readonly split: string;
  readonly tone: string;
  readonly offset: number;
  readonly limit: number;
}

/** The server's answers as `../api.ts` describes them, and the addresses of its pictures. */
export const api = {
  workspace: () => ask<Workspace>("/api/workspace"),
  images: (id: string, { class: label, split, tone, offset, limit }: ImageQuery) => {
    const chosen = Object.entries({ class: label, split, tone }).filter(([, value]) => value !== "");
    const query = new URLSearchParams([...chosen, ["offset", `${offset}`], ["limit", `${limit}`]]);
    return ask<ImagePage>(`${at`datasets/${id}/images`}?${query}`);
  },
  estimateTones: (id: string) => post<DatasetSummary>(at`datasets/${id}/tones`, {}),
  addToSet: (id: string, drawing: DrawingToKeep) => post<DrawingSet>(at`runs/${id}/set`, drawing),
  studies: () => ask<StudySummary[]>("/api/studies"),
  createStudy: (request: StudyRequest) => post<StudySummary>("/api/studies", request),
  question: (id: string, reader: string) =>
    ask<StudyQuestion>(`${at`studies/${id}/next`}?${new URLSearchParams({ reader })}`),
  answer: (id: string, answer: StudyAnswer) => post<StudyQuestion>(at`studies/${id}/answers`, answer),
  results: (id: string) => ask<StudyResults>(at`studies/${id}/results`),
  folders: (root: number, path: string) =>
    ask<FolderListing>(`/api/project/folders?${new URLSearchParams({ root: `${root}`, path })}`),
  preview: (path: string, read: ReadAs) => post<Preview>("/api/project/preview", { path, read }),
  slices: (path: string) => post<Slices | null>("/api/project/slices", { path }),
  startJob: (request: JobRequest) => post<JobRecord>("/api/jobs", request),
  endJob: (id: string, how: "stop" | "kill") => post<JobRecord>(at`jobs/${id}/end`, { how }),
  finishJob: (paused: string, id: string) => post<JobRecord>(at`jobs/${paused}/finish`, { id }),
  dryRun: (request: Omit<JobRequest, "id">, signal?: AbortSignal) =>
    post<DryRun>("/api/project/plans/dry-run", request, signal),
  planStudy: (request: StudyPlanRequest) => post<{ path: string }>("/api/project/plans/study", request),
  setWhenStopped: (whenStopped: Project["whenStopped"]) =>
    post<unknown>("/api/project/plans/when-stopped", { whenStopped }),
  setImages: (id: string, offset: number, limit: number, order: "set" | "nearest") =>
    ask<SetPage>(`${at`project/sets/${id}`}?${new URLSearchParams({ offset: `${offset}`, limit: `${limit}`, order })}`),
  leaveOut: (id: string, index: number, leftOut: boolean) =>
    post<{ leftOut: number }>(at`project/sets/${id}/left-out`, { index, leftOut }),
  release: (id: string) => ask<ReleaseFacts>(at`project/releases/${id}`),
  resumeJob: (ended: string, id: string) => post<JobRecord>(at`jobs/${ended}/resume`, { id }),
  jobLog: (id: string, offset: number) => ask<JobLog>(`${at`jobs/${id}/log`}?offset=${offset}`),
  jobProblems: (id: string) => ask<JobProblems>(at`jobs/${id}/problems`),
  uploads: () => ask<UploadList>("/api/uploads"),
  beginUpload: (request: UploadRequest) => post<UploadState>("/api/uploads", request),
  finishUpload: (id: string) => post<UploadState>(at`uploads/${id}/finish`, {}),
  cancelUpload: (id: string) => post<UploadState>(at`uploads/${id}/cancel`, {}),
  upload: (id: string) => ask<UploadState>(at`uploads/${id}`),
  removeUpload: (name: string) => post<UploadList>("/api/uploads/remove", { name }),
  restoreUpload: (name: string) => post<UploadList>("/api/uploads/restore", { name }),
  inspection: (id: string, dataset: string | null) =>
    ask<InspectionSummary>(
      `${at`jobs/${id}/inspection`}${dataset === null ? "" : `?${new URLSearchParams({ dataset })}`}`,
    ),
  urls: {
    uploadFile: (id: string, path: string) => `${at`uploads/${id}/files`}?${new URLSearchParams({ path })}`,
    projectEvents: "/api/project/events",
    slice: (id: string, index: number, window: { center: number; width: number } | null, size: number) => {
      const shown = window === null ? {} : { center: `${window.center}`, width: `${window.width}` };
      return `${at`project/slices/${id}/${`${index}.png`}`}?${new URLSearchParams({ ...shown, size: `${size}` })}`;
    },
    startPicture: (name: string) => at`project/starts/${`${name}.png`}`,
    releaseZip: (id: string) => at`project/releases/${id}/release.zip`,
    projectReport: (id: string) => at`project/files/${id}/report.html`,
    generator: (id: string) => at`runs/${id}/generator.onnx`,
    progress: (id: string) => at`runs/${id}/progress`,
    progressEvents: (id: string) => at`runs/${id}/progress/events`,
    sample: (id: string, name: string) => at`runs/${id}/samples/${`${name}.png`}`,
    watchEvents: (id: string) => at`watch/${id}/events`,
    studyFile: (id: string, name: string) => at`watch/${id}/files/${name}`,
    image: (id: string, index: number, size: number) => `${at`datasets/${id}/images/${`${index}.png`}`}?size=${size}`,
    mask: (id: string, index: number) => at`datasets/${id}/images/${`${index}-mask.png`}`,
    studyImage: (id: string, key: string) => at`studies/${id}/images/${`${key}.png`}`,
    answers: (id: string) => at`studies/${id}/answers.csv`,
    results: (id: string) => at`studies/${id}/results.json`,
  },
} as const;
