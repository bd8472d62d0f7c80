#!/usr/bin/env python3
"""Records what a training does to its folder (strace), and cuts the power after every operation.

    replay_writes.py BACKPROP [--sample 40]

BACKPROP is the built command. Two things are checked:

1. The order: a checkpoint's file is new (O_EXCL), written, fsynced, renamed, and its folder fsynced before an
   older one is removed; best.safetensors is a second name, renamed and its folder fsynced; the log is
   fsynced as far as a checkpoint counts its lines.
2. After every operation the folder is rebuilt as it may be found afterwards (see `VIEWS`). What fsync
   promises, and no more: a file's bytes after fsync of the file, its name after fsync of the folder. In each
   the newest checkpoint must be the previous or the new one, every checkpoint whole, and the log as long as
   it says. For a sample the command itself resumes, and must end at the same bits.

Exits with 1 if anything is not so. Linux.
"""
import argparse, collections, functools, hashlib, os, re, shutil, subprocess, sys, tempfile
import checkpoint_reader as reader

OUTPUT = "results/run"  # its parent is new as well
TRAINING = ["digits", "--network", "64-24-10 relu", "--epochs", "6", "--batch-size", "8",
            "--checkpoint-every", "30 steps", "--explain-every", "50"]
CALLS = ("open,openat,creat,close,write,pwrite64,ftruncate,fsync,fdatasync,rename,renameat,renameat2,link,linkat,"
         "unlink,unlinkat,mkdir,mkdirat,rmdir")


# ---- recording

Call = collections.namedtuple("Call", "name arguments result begins")


def record(command, place):
    """The calls of a process that succeeded, in the order in which they ended."""
    trace = os.path.join(place, "trace")
    subprocess.run(["strace", "-f", "-e", f"trace={CALLS}", "-xx", "-s", "100000000", "-o", trace] + command,
                   cwd=place, check=True, stdout=subprocess.DEVNULL)
    calls, started = [], {}
    with open(trace) as lines:
        for line in lines:
            thread, text = line.rstrip("\n").split(None, 1)
            if text.endswith("<unfinished ...>"):
                # Other threads act before it ends: fsync is good for what was there when it began.
                started[thread] = (text[:-len("<unfinished ...>")], len(calls))
                continue
            begins = len(calls)
            resumed = re.match(r"<\.\.\. \w+ resumed>", text)
            if resumed:
                before, begins = started.pop(thread)
                text = before + text[resumed.end():]
            match = re.fullmatch(r"(\w+)\((.*)\)\s*= (-?\d+).*", text)
            if match and int(match[3]) >= 0:
                calls.append(Call(match[1], arguments(match[2]), int(match[3]), begins))
    os.remove(trace)
    return calls


def arguments(text):
    """The arguments of a call; texts, which strace gives in hexadecimal, as bytes."""
    return [bytes.fromhex(part[1:-1].replace("\\x", "")) if part.startswith('"') else part
            for part in map(str.strip, text.split(", "))]


# ---- a file system that knows what is on the disk

class File:
    def __init__(self):
        self.data = self.durable = b""


class Folder:
    def __init__(self):
        self.entries, self.durable = {}, {}


class Disk:
    """Files and folders below a place, as programs see them and as they would be found after a power cut."""

    def __init__(self, place):
        self.place, self.root, self.above, self.open = place, Folder(), Folder(), {}
        self.above.entries["place"] = self.root

    def folder(self, path):
        """The folder that holds a path, and the name in it; None for a path elsewhere."""
        full = os.path.normpath(os.path.join(self.place, os.fsdecode(path)))
        if full == self.place:
            return self.above, "place"
        if not full.startswith(self.place + "/"):
            return None
        *parents, name = full[len(self.place) + 1:].split("/")
        folder = self.root
        for parent in parents:
            folder = folder.entries.get(parent, Folder())
        return folder, name

    def node(self, path):
        at = self.folder(path)
        return at and at[0].entries.get(at[1])

    def snapshot(self, descriptor):
        """What fsync is good for when it begins."""
        node = self.open.get(descriptor)
        return dict(node.entries) if isinstance(node, Folder) else node and node.data

    def apply(self, call, snapshots):
        """Applies a call, and tells about it: None if it changed nothing here."""
        name, given = call.name, call.arguments
        if name in ("openat", "mkdirat", "unlinkat"):
            given = given[1:]
        if name in ("open", "openat"):
            at = self.folder(given[0])
            if at is None:
                self.open.pop(call.result, None)
                return None
            isNew = at[1] not in at[0].entries
            self.open[call.result] = at[0].entries.setdefault(at[1], File())
            if "O_TRUNC" in given[1]:
                raise SystemExit(f"FAILED: {os.fsdecode(given[0])} was opened with O_TRUNC")
            return ("create", os.fsdecode(given[0]), given[1]) if isNew else None
        if name == "close":
            self.open.pop(int(given[0]), None)
            return None
        if name in ("mkdir", "mkdirat"):
            at = self.folder(given[0])
            if at is None:
                return None
            at[0].entries[at[1]] = Folder()
            return "mkdir", os.fsdecode(given[0])
        if name in ("unlink", "unlinkat", "rmdir"):
            at = self.folder(given[0])
            return at and at[0].entries.pop(at[1]) and ("remove", os.fsdecode(given[0]))
        if name in ("rename", "link"):
            source, target = self.folder(given[0]), self.folder(given[1])
            if source is None or target is None:
                return None
            target[0].entries[target[1]] = source[0].entries[source[1]]
            if name == "rename":
                del source[0].entries[source[1]]
            return name, os.fsdecode(given[0]), os.fsdecode(given[1])
        descriptor = int(given[0])
        node = self.open.get(descriptor)
        if node is None:
            return None
        if name == "write":  # all writing here is at the end
            node.data += given[1][:call.result]
            return "write", node
        if name == "ftruncate":
            node.data = node.data[:int(given[1])]
            return "truncate", node
        if name in ("fsync", "fdatasync"):
            node.durable = snapshots
            return "fsync", node
        raise SystemExit(f"FAILED: no model of {name}")


def half(file):
    """A file whose bytes behind the last fsync were lost but for half of them."""
    common = len(os.path.commonprefix([file.data, file.durable]))
    return file.data[:(common + len(file.data)) // 2] if file.data != file.durable else file.data


# What may be found: which names a folder has, which bytes a file.
VIEWS = {
    "process killed": (lambda folder: folder.entries, lambda file: file.data),
    "power cut, only what was fsynced":
        (lambda folder: folder.durable, lambda file: file.durable),
    "power cut, names kept, bytes lost":
        (lambda folder: folder.entries, lambda file: file.durable),
    "power cut, names kept, half the bytes lost": (lambda folder: folder.entries, half),
    "power cut, removals kept, new names lost":
        (lambda folder: {name: node for name, node in folder.durable.items() if name in folder.entries},
         lambda file: file.durable),
}


def found(folder, names, data, prefix=""):
    """The files that are found, by path."""
    files = {}
    for name, node in names(folder).items():
        if isinstance(node, Folder):
            files.update(found(node, names, data, f"{prefix}{name}/"))
        else:
            files[prefix + name] = data(node)
    return files


@functools.lru_cache(maxsize=None)
def checkpoint(data):
    """The checkpoint in some bytes, or why there is none."""
    try:
        return reader.Checkpoint(data)
    except (reader.Unreadable, ValueError, KeyError) as problem:
        return str(problem)


# ---- the checks

class Replay:
    def __init__(self, calls, place):
        self.calls, self.disk = calls, Disk(place)
        self.final = {}
        for name in ("model.safetensors", "model.json", "metrics.jsonl", "report.html"):
            with open(os.path.join(place, OUTPUT, name), "rb") as file:
                self.final[f"{OUTPUT}/{name}"] = file.read()
        self.operations, self.cuts = 0, 0
        self.failures = collections.Counter()
        self.distinct = {}           # what is found, by its digest
        self.steps = {}              # of the checkpoints that were renamed into place, by number
        self.isDurable = set()       # the numbers of those whose folder was fsynced
        self.fresh = {}              # files made with O_EXCL: whether everything was fsynced since
        self.waiting = []            # names given since the folder was fsynced
        self.best = 0                # how often best.safetensors was renewed

    def fail(self, message):
        self.failures[message] += 1

    def all(self):
        began = collections.defaultdict(list)
        for index, call in enumerate(self.calls):
            if call.name in ("fsync", "fdatasync"):
                began[call.begins].append(index)
        snapshots = {}
        for index, call in enumerate(self.calls):
            for later in began[index]:
                snapshots[later] = self.disk.snapshot(int(self.calls[later].arguments[0]))
            operation = self.disk.apply(call, snapshots.get(index))
            if operation is None:
                continue
            self.operations += 1
            self.checkOrder(*operation)
            for view, (names, data) in VIEWS.items():
                self.cuts += 1
                self.checkFound(view, found(self.disk.root, names, data))

    def checkOrder(self, kind, *what):
        """The order of the operations on the folder of checkpoints."""
        inFolder = isinstance(what[0], str) and f"{OUTPUT}/checkpoints/" in what[0]
        if kind == "create" and inFolder:
            if "O_EXCL" not in what[1] or not what[0].endswith(".tmp"):
                self.fail("order: a checkpoint is written to a file that is not new, or under its own name")
            self.fresh[self.disk.node(what[0])] = False
        elif kind == "write" and what[0] in self.fresh:
            self.fresh[what[0]] = False
        elif kind == "fsync" and what[0] in self.fresh:
            self.fresh[what[0]] = what[0].durable == what[0].data
        elif kind == "fsync" and what[0] is self.disk.node(f"{OUTPUT}/checkpoints"):
            self.isDurable.update(number for number in self.waiting if number)
            self.waiting = []
        elif kind == "rename" and inFolder:
            self.checkRename(self.disk.node(what[1]), os.path.basename(what[1]))
        elif kind == "remove" and inFolder and not what[0].endswith(".tmp") and self.waiting:
            self.fail("order: a checkpoint is removed before the folder is fsynced")

    def checkRename(self, file, name):
        if not self.fresh.get(file):
            self.fail("order: a file is renamed before it is fsynced")
        number = reader.number(name)
        self.waiting.append(number)
        if number is None:
            self.best += 1
            numbers = [other for other in map(reader.number, self.disk.node(f"{OUTPUT}/checkpoints").entries) if other]
            newest = f"{OUTPUT}/checkpoints/checkpoint-{max(numbers):06}.safetensors"
            if name != reader.BEST or self.disk.node(newest) is not file:
                self.fail("order: best.safetensors is not the newest checkpoint's second name")
            return
        read = checkpoint(file.durable)
        if isinstance(read, str):
            return self.fail(f"order: the file renamed cannot be read: {read}")
        self.steps[number] = read.step
        if reader.logged(self.disk.node(f"{OUTPUT}/metrics.jsonl").durable) < read.events:
            self.fail("order: the log is not fsynced as far as the checkpoint counts its lines")

    def checkFound(self, view, files):
        """What is found after a cut."""
        digest = hashlib.sha256()
        for path in sorted(files):
            digest.update(path.encode() + b"\0" + hashlib.sha256(files[path]).digest())
        self.distinct.setdefault(digest.digest(), (view, dict(files)))
        if f"{OUTPUT}/run.json" in files:
            for path, data in self.final.items():
                if files.get(path) != data:
                    self.fail(f"{view}: run.json says that the run is finished, and {path} is not whole")
        prefix = f"{OUTPUT}/checkpoints/"
        names = reader.order([path[len(prefix):] for path in files if path.startswith(prefix)])
        checkpoints = []
        for name in names:
            read = checkpoint(files[prefix + name])
            if isinstance(read, str):
                self.fail(f"{view}: a checkpoint cannot be read")
            else:
                checkpoints.append(read)
        certain = self.steps if view == "process killed" else self.isDurable
        if certain and not checkpoints:
            return self.fail(f"{view}: a checkpoint was complete, and none is found")
        if not checkpoints:
            return
        newest = checkpoints[0]
        allowed = [step for number, step in self.steps.items() if number >= max(certain, default=0)]
        if newest.step not in allowed or len(allowed) > 2:
            self.fail(f"{view}: the newest checkpoint is neither the previous nor the new one")
        if reader.logged(files.get(f"{OUTPUT}/metrics.jsonl", b"")) < newest.events:
            self.fail(f"{view}: the log is shorter than the checkpoint says")
        if not files.get(f"{OUTPUT}/config.yaml"):
            self.fail(f"{view}: there are checkpoints without config.yaml")


def resume(backprop, files, place, expected):
    """Lets the command go on with what was found: what is wrong, if anything."""
    run = os.path.join(place, OUTPUT)
    for path, data in files.items():
        os.makedirs(os.path.dirname(os.path.join(place, path)), exist_ok=True)
        with open(os.path.join(place, path), "wb") as file:
            file.write(data)
    if not os.path.exists(os.path.join(run, "run.json")):
        ended = subprocess.run([backprop, "train", "--resume", run, "--quiet"], capture_output=True, text=True)
        if ended.returncode:
            return f"resuming ended with {ended.returncode}: {ended.stderr.strip().replace(place, '')}"
    with open(os.path.join(run, "model.safetensors"), "rb") as file:
        if file.read() != expected:
            return "resuming ended at other bits"
    left = {re.sub(r"\d+-\d+", "N", name) for _, _, names in os.walk(run) for name in names if name.endswith(".tmp")}
    return f"resuming left behind: {', '.join(sorted(left))}" if left else None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("backprop")
    parser.add_argument("--sample", type=int, default=40, help="how often the command itself resumes")
    asked = parser.parse_args()
    if not shutil.which("strace"):
        sys.exit("strace is missing: apt-get install -y strace")
    with tempfile.TemporaryDirectory() as place:
        place = os.path.realpath(place)
        calls = record([os.path.abspath(asked.backprop), "train"] + TRAINING + ["--quiet", "--output", OUTPUT], place)
        replay = Replay(calls, place)
        replay.all()
        # Only what can go on: before its first line is written a run is not there.
        able = [entry for entry in replay.distinct.values() if f"{OUTPUT}/config.yaml" in entry[1]]
        count = min(asked.sample, len(able))
        for index in range(count):
            view, files = able[index * (len(able) - 1) // max(1, count - 1)]
            with tempfile.TemporaryDirectory() as other:
                problem = resume(asked.backprop, files, other, replay.final[f"{OUTPUT}/model.safetensors"])
            if problem:
                replay.fail(f"{view}: {problem}")
    for name, value in [
        ("checkpoints written", len(replay.steps)), ("  of a best epoch", replay.best),
        ("operations on the folder", replay.operations), ("cuts replayed", replay.cuts),
        ("  different folders found", len(replay.distinct)), ("  resumed by the command", count),
        ("failures", sum(replay.failures.values())),
    ]:
        print(f"{name:30}{value}")
    if len(replay.steps) < 4 or replay.isDurable != set(replay.steps):
        replay.fail(f"too little was seen: {sorted(replay.steps)} written, {sorted(replay.isDurable)} fsynced")
    for message, times in replay.failures.items():
        print(f"FAILED ({times} times): {message}", file=sys.stderr)
    sys.exit(1 if replay.failures else 0)


if __name__ == "__main__":
    main()
