import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** What a program and all processes and threads that it starts do to the world around them, as strace sees it. */
export interface Trace {
  /** Files and folders that it makes, opens for writing, changes, renames or removes; absolute. */
  readonly changed: readonly string[];
  /** Addresses that it connects to, sends to or listens at: `ADDRESS:PORT`, or the path of a Unix socket. */
  readonly reached: readonly string[];
  /** Kinds of sockets that it makes beside Unix ones: `AF_INET`, `AF_NETLINK` and so on. */
  readonly sockets: readonly string[];
  /** Programs that it starts, itself among them. */
  readonly ran: readonly string[];
}

/** A program under way. */
export interface Traced {
  readonly child: ChildProcess;
  /** Waits for the end. */
  readonly end: Promise<{ readonly code: number | null; readonly out: string; readonly err: string } & Trace>;
}

const NETWORK = ["socket", "connect", "bind", "sendto", "sendmsg", "sendmmsg"];
const OPENING = ["open", "openat", "openat2", "creat"];
const CHANGING = [
  ...["mkdir", "mkdirat", "mknod", "mknodat", "rename", "renameat", "renameat2", "unlink", "unlinkat", "rmdir", "link"],
  ...["linkat", "symlink", "symlinkat", "truncate", "chmod", "fchmodat", "chown", "lchown", "fchownat", "utimensat"],
  ...["setxattr", "lsetxattr", "removexattr", "lremovexattr"],
];
/** A file changed through io_uring would be seen by nobody, and so would one named in another folder than is thought. */
const BLINDING = ["io_uring_setup", "chdir", "fchdir", "chroot", "ptrace"];
const STARTING = ["execve", "execveat"];
const CLONING = ["clone", "clone3", "fork", "vfork"];
const CALLS = [...NETWORK, ...OPENING, ...CHANGING, ...BLINDING, ...STARTING, ...CLONING];

/** Where questions about names go: to a name server, or to a program of this machine that asks one. */
const ASKS_FOR_NAMES =
  /:(53|853|5353|5355)$|\/(nscd\/socket|io\.systemd\.Resolve|io\.systemd\.Resolve\.Monitor)$|avahi/;

/**
 * What of `reached` is a look-up of a name: a packet to a name server (port 53, 853, 5353 or 5355 of whatever address,
 * this machine's own too), or a connection to a program that looks names up for others (nscd, systemd-resolved, avahi).
 * Reading `/etc/hosts` or `/etc/resolv.conf` is none: nothing leaves the process.
 */
export const lookups = ({ reached }: Trace): string[] => reached.filter((address) => ASKS_FOR_NAMES.test(address));

/** Whether a test is skipped, with a line that says so, because programs cannot be traced; an error under CI=true. */
export function missingStrace(what: string): boolean {
  const { GANGLION_STRACE: strace = "", CI } = process.env;
  const works = strace !== "" && spawnSync(strace, ["-f", "-o", "/dev/null", "true"], { stdio: "ignore" }).status === 0;
  if (works || CI === "true") return false;
  console.warn(`skipped: ${strace === "" ? "no strace" : "strace may not trace"} on this machine, so ${what}`);
  return true;
}

let traces = 0;

/**
 * Starts a program of Node under strace.
 * @param folder Where the record of strace is kept.
 * @param env The whole environment: what this process has is not passed on, and so no `CI`, which keeps some libraries quiet.
 */
export function traceNode(
  words: readonly string[],
  { folder, cwd, env }: { folder: string; cwd: string; env: Readonly<Record<string, string>> },
): Traced {
  const record = join(folder, `strace-${process.pid}-${traces++}.txt`);
  const calls = CALLS.map((name) => `?${name}`).join(",");
  const options = ["-f", "--seccomp-bpf", "-qq", "-y", "-s", "512", "-e", "signal=none", "-e", `trace=${calls}`];
  const child = spawn(process.env.GANGLION_STRACE!, [...options, "-o", record, process.execPath, ...words], {
    cwd,
    env: { ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [out, err] = ["", ""];
  child.stdout.on("data", (text) => {
    out += text;
  });
  child.stderr.on("data", (text) => {
    err += text;
  });
  const end = once(child, "close").then(([code]) => ({
    code: code as number | null,
    out,
    err,
    ...parseTrace(readFileSync(record, "utf8"), cwd),
  }));
  return { child, end };
}

/**
 * Reads a record of `strace -f -y`.
 * @throws Error where the traced program did what would make the record worthless
 */
function parseTrace(record: string, cwd: string): Trace {
  const changed = new Set<string>();
  const reached = new Set<string>();
  const sockets = new Set<string>();
  const ran = new Set<string>();
  const calls = [...callsOf(record)];
  const processOf = processesOf(calls);
  /** What each process has open, by number; a folder that is held is named by it, `/proc/self/fd/NUMBER`. */
  const opened = new Map<string, string>();
  for (const { pid, name, words, result } of calls) {
    const pathsOf = (text: string, folder: string) =>
      pathsIn(text, folder).map((path) =>
        path.replace(/^\/proc\/self\/fd\/(\d+)(?=\/|$)/, (held, fd) => opened.get(`${processOf(pid)} ${fd}`) ?? held),
      );
    if (CLONING.includes(name)) continue;
    if (BLINDING.includes(name)) throw new Error(`${name}(${words}): what follows cannot be traced`);
    const failed = result.startsWith("-1 ");
    if (name === "socket") {
      const kind = words.split(",")[0]!;
      if (!/^AF_(UNIX|LOCAL)$/.test(kind)) sockets.add(kind);
    } else if (NETWORK.includes(name)) {
      // Tried is as bad as done. What is sent through a socket that is connected has no address.
      for (const address of addressesOf(words)) reached.add(address);
    } else if (!failed && STARTING.includes(name)) {
      ran.add(pathsOf(words, cwd)[0]!);
    } else if (!failed && OPENING.includes(name)) {
      const [, fd, path] = /^(\d+)<(.*)>$/s.exec(result) ?? [];
      if (fd !== undefined) opened.set(`${processOf(pid)} ${fd}`, unescaped(path!));
      if (name === "creat" || /\bO_(WRONLY|RDWR|CREAT|TRUNC|APPEND|TMPFILE)\b/.test(words)) {
        changed.add(pathsOf(words, cwd)[0]!);
      }
    } else if (!failed) {
      const paths = pathsOf(words, cwd);
      // What a link leads to is not touched.
      for (const path of name.startsWith("symlink") ? paths.slice(1) : paths) changed.add(path);
    }
  }
  return {
    changed: [...changed].sort(),
    reached: [...reached].sort(),
    sockets: [...sockets].sort(),
    ran: [...ran].sort(),
  };
}

interface Call {
  /** Of the thread. */
  readonly pid: string;
  readonly name: string;
  readonly words: string;
  readonly result: string;
}

/** Which process a thread is of, by the calls that made threads: those of one process share what they have open. */
function processesOf(calls: readonly Call[]): (pid: string) => string {
  const parents = new Map<string, string>();
  for (const { pid, name, words, result } of calls) {
    if (CLONING.includes(name) && words.includes("CLONE_THREAD")) parents.set(result, pid);
  }
  return (pid) => {
    let first = pid;
    for (let next = parents.get(first); next !== undefined; next = parents.get(first)) first = next;
    return first;
  };
}

/** The calls of a record; those that others interrupted are put together, those without an end have no result. */
function* callsOf(record: string): Generator<Call> {
  const begun = new Map<string, string>();
  const parse = (pid: string, text: string): Call => {
    const found = /^(\w+)\((.*)\)\s+= (.*)$/s.exec(text) ?? /^(\w+)\((.*?)()$/s.exec(text);
    if (found === null) throw new Error(`no line of strace: ${text}`);
    return { pid, name: found[1]!, words: found[2]!, result: found[3]! };
  };
  for (const line of record.split("\n")) {
    const [, pid, text] = /^(\d+)\s+(.*)$/s.exec(line) ?? [];
    if (text === undefined || /^(\+\+\+|---)/.test(text)) continue;
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/s.exec(text);
    if (resumed !== null) {
      const whole = (begun.get(pid!) ?? "") + resumed[1];
      begun.delete(pid!);
      yield parse(pid!, whole);
    } else if (text.endsWith("<unfinished ...>")) {
      begun.set(pid!, text.slice(0, -"<unfinished ...>".length));
    } else {
      yield parse(pid!, text);
    }
  }
  for (const [pid, text] of begun) yield parse(pid, text);
}

const unescaped = (text: string) =>
  Buffer.from(
    text.replace(/\\([0-7]{1,3}|.)/g, (_, code: string) =>
      /^[0-7]/.test(code) ? String.fromCharCode(Number.parseInt(code, 8)) : code,
    ),
    "latin1",
  ).toString("utf8");

/** Paths among the words of a call, each below the folder that stands before it. */
function pathsIn(words: string, cwd: string): string[] {
  const found = words.matchAll(/(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"((?:[^"\\]|\\.)*)"/g);
  return [...found].map(([, folder, path]) => resolve(folder ?? cwd, unescaped(path!)));
}

/** Internet addresses with their ports, and paths of Unix sockets, among the words of a call. */
function addressesOf(words: string): string[] {
  const found = words.matchAll(
    /sin6?_port=htons\((\d+)\)[^}]*?(?:inet_addr\("([^"]*)"\)|inet_pton\(AF_INET6, "([^"]*)")|sun_path=@?"([^"]*)"/g,
  );
  return [...found].map(([, port, four, six, path]) => path ?? `${four ?? six}:${port}`);
}
