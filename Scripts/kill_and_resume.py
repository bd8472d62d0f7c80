#!/usr/bin/env python3
"""Kills a training again and again, resumes it each time, and compares it with one nobody disturbed.

    kill_and_resume.py BACKPROP [--kills 200] [--inside 40] [--epochs 150] [--seed 0] [--data-dir DIR]

BACKPROP is the built command. The network is 784-100-10 with dropout on MNIST, whose IDX files are in
--data-dir or where BACKPROP_DATA says. A kill is SIGKILL: at a random moment of starting, of training, or
as soon as a checkpoint's temporary file appears and up to two milliseconds later. One counts as inside a
write only if that file is still there afterwards. After each kill every checkpoint must be readable, the
newest no older than before, and the log as long as it says. Exits with 1 if anything is not as it should be.
Linux.
"""
import argparse, ctypes, hashlib, json, os, random, resource, select, signal, struct, subprocess, sys, tempfile, time
import checkpoint_reader as reader

NETWORK = "[dense: 100, relu, dropout: 0.2, dense: _]"
BATCH_SIZE, SAMPLES, INTERVAL = 32, 50_000, 200


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("backprop")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--inside", type=int, default=40, help="at least so many inside a write")
    parser.add_argument("--epochs", type=int, default=150)
    parser.add_argument("--seed", type=int, default=0, help="of the training, and of the moments of the kills")
    parser.add_argument("--data-dir", default=os.environ.get("BACKPROP_DATA"))
    asked = parser.parse_args()
    if not asked.data_dir:
        parser.error("say where MNIST is: --data-dir, or BACKPROP_DATA")
    return asked


class Watch:
    """Tells when a temporary file appears in a folder (inotify)."""
    CREATED = 0x100

    def __init__(self, folder):
        self.system = ctypes.CDLL(None, use_errno=True)
        self.descriptor = self.system.inotify_init1(os.O_CLOEXEC)
        if self.system.inotify_add_watch(self.descriptor, os.fsencode(folder), self.CREATED) < 0:
            raise OSError(ctypes.get_errno(), folder)

    def wait(self, seconds):
        """Whether one appeared in time."""
        end = time.monotonic() + seconds
        while select.select([self.descriptor], [], [], max(0, end - time.monotonic()))[0]:
            events = os.read(self.descriptor, 1 << 16)
            while events:
                length = struct.unpack_from("iIII", events)[3]
                if events[16:16 + length].rstrip(b"\0").endswith(b".tmp"):
                    return True
                events = events[16 + length:]
        return False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.descriptor)


class Experiment:
    def __init__(self, asked, place):
        self.asked, self.random = asked, random.Random(asked.seed)
        self.whole, self.run = os.path.join(place, "whole"), os.path.join(place, "killed")
        self.checkpoints = os.path.join(self.run, "checkpoints")
        self.log = os.path.join(self.run, "metrics.jsonl")
        self.errors = os.path.join(place, "errors.txt")
        self.total = asked.epochs * -(-SAMPLES // BATCH_SIZE)
        self.step = 0        # of the newest checkpoint
        self.stepTime = 0.0  # the least time of a step that was seen
        self.startTime = 0.0
        self.count = dict.fromkeys(
            ["kills", "no folder", "no checkpoint", "inside", "cut", "between", "read", "resumes", "starts"], 0)
        self.failures = []

    def command(self, output):
        return [self.asked.backprop, "train", "mnist", "--data-dir", self.asked.data_dir, "--network", NETWORK,
                "--optimizer", "adam", "--batch-size", str(BATCH_SIZE), "--epochs", str(self.asked.epochs),
                "--seed", str(self.asked.seed), "--checkpoint-every", f"{INTERVAL} steps", "--quiet",
                "--output", output]

    def fail(self, message):
        print(f"FAILED: after {self.count['kills']} kills: {message}", flush=True)
        self.failures.append(message)

    def launch(self, command):
        with open(self.errors, "w") as errors:
            return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors)

    def complaints(self):
        """What the process said, but for what it must say without a checkpoint."""
        with open(self.errors) as errors:
            return [line.strip() for line in errors if "has no checkpoint yet: it begins again" not in line]

    def reference(self):
        began, used = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
        process = self.launch(self.command(self.whole))
        while process.poll() is None and not os.path.exists(os.path.join(self.whole, "metrics.jsonl")):
            time.sleep(0.002)
        self.startTime = time.monotonic() - began
        if process.wait() != 0:
            sys.exit("the uninterrupted run failed: " + " ".join(self.complaints()))
        seconds = time.monotonic() - began
        self.stepTime = (seconds - self.startTime) / self.total
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime
        print(f"uninterrupted: {self.total:,} steps, {seconds:.1f} s ({used:.1f} s of CPU), "
              f"of them {self.startTime:.2f} s of starting", flush=True)

    def goOn(self):
        """Starts the run, or resumes it; and where the log was last changed."""
        isRun = os.path.exists(os.path.join(self.run, "config.yaml"))
        self.count["resumes" if isRun else "starts"] += 1
        changed = os.stat(self.log).st_mtime_ns if isRun else 0
        resume = [self.asked.backprop, "train", "--resume", self.run, "--quiet"]
        return self.launch(resume if isRun else self.command(self.run)), changed

    def awaitTraining(self, process, changed):
        """Waits until the log tells that the training has begun."""
        while process.poll() is None:
            try:
                if os.stat(self.log).st_mtime_ns != changed:
                    return
            except FileNotFoundError:
                pass
            time.sleep(0.002)

    def killOnce(self):
        """Lets the run go on, and kills it at a random moment. False if it ended by itself."""
        left = self.asked.kills - self.count["kills"]
        missing = self.asked.inside - self.count["inside"]
        chance = self.random.random()
        hitsStart = missing < left and (chance > 0.9 or self.count["kills"] < 3)
        aimsInside = not hitsStart and (missing >= left or chance < 0.4)
        process, changed = self.goOn()
        delay = 0.0
        if hitsStart:
            time.sleep(self.random.uniform(0, 1.2 * self.startTime))
        else:
            self.awaitTraining(process, changed)
            # The work that is left, shared out so that no kill comes too late.
            delay = self.random.uniform(0, 0.9 * (self.total - self.step) * self.stepTime / left)
            time.sleep(delay)
        if aimsInside:
            self.killInside(process)
        process.kill()
        if process.wait() != -signal.SIGKILL:
            self.fail(f"the process ended by itself with {process.returncode} {' '.join(self.complaints())}; "
                      "if it was ready too early, more --epochs help")
            return False
        self.count["kills"] += 1
        self.look(delay)
        return True

    def killInside(self, process):
        """Kills it up to two milliseconds after the next temporary file appears."""
        while process.poll() is None and not os.path.isdir(self.checkpoints):
            time.sleep(0.001)
        if process.poll() is None:
            with Watch(self.checkpoints) as watch:
                if watch.wait(30):
                    # Sleeping would take longer than asked.
                    end = time.monotonic() + self.random.uniform(0, 0.002)
                    while time.monotonic() < end:
                        pass
                # Closing the watch takes longer than a write does.
                process.kill()

    def look(self, delay):
        """Looks at what a kill left."""
        for complaint in self.complaints():
            self.fail(f"it said: {complaint}")
        if not os.path.isdir(self.run):
            self.count["no folder"] += 1
            return
        found = []
        for path in reader.files(self.checkpoints):
            try:
                found.append(reader.read(path))
                self.count["read"] += 1
            except (OSError, ValueError, KeyError, reader.Unreadable) as problem:
                self.fail(f"{path}: {problem}")
        temporary = [name for name in os.listdir(self.checkpoints) if name.endswith(".tmp")] \
            if os.path.isdir(self.checkpoints) else []
        if temporary:
            self.count["inside"] += 1
            try:
                reader.read(os.path.join(self.checkpoints, temporary[0]))
            except reader.Unreadable:
                self.count["cut"] += 1
        elif found:
            self.count["between"] += 1
        else:
            self.count["no checkpoint"] += 1
        if len(temporary) > 1:
            self.fail(f"an earlier temporary file was not removed: {temporary}")
        if not found:
            if self.step > 0:
                self.fail("there were checkpoints, and none is left")
            return
        newest = found[0]
        if newest.step < self.step:
            self.fail(f"the newest checkpoint is of step {newest.step}, before it was of {self.step}")
        with open(self.log, "rb") as log:
            lines = reader.logged(log.read())
        if lines < newest.events:
            self.fail(f"the log has {lines} lines, the newest checkpoint counts {newest.events}")
        if delay > 0.05 and newest.step > self.step:
            self.stepTime = min(self.stepTime, delay / (newest.step - self.step))
        self.step = newest.step

    def compare(self):
        """Ends the run, and compares it with the other: the best epoch's model, and the last state."""
        process, _ = self.goOn()
        if process.wait() != 0 or self.complaints():
            self.fail(f"the last resuming ended with {process.returncode}: {' '.join(self.complaints())}")
            return False
        models, states, epochs = [], [], []
        for run in (self.whole, self.run):
            with open(os.path.join(run, "model.safetensors"), "rb") as file:
                models.append(hashlib.sha256(file.read()).hexdigest())
            states.append(reader.read(reader.files(os.path.join(run, "checkpoints"))[0]).arrays)
            with open(os.path.join(run, "metrics.jsonl")) as file:
                events = [event for event in map(json.loads, file) if event["event"] == "epoch"]
            epochs.append([{name: value for name, value in event.items()
                            if name not in ("seconds", "samples_per_second")} for event in events])
        print(f"model.safetensors: {models[0]} uninterrupted\n"
              f"                   {models[1]} killed and resumed\n"
              f"last state:        {states[0]} uninterrupted\n"
              f"                   {states[1]} killed and resumed")
        print(f"events of epochs: {len(epochs[0])} and {len(epochs[1])}")
        for what, pair in (("the models", models), ("the last states", states), ("the epochs' figures", epochs)):
            if pair[0] != pair[1]:
                self.fail(f"{what} differ")
        if len(epochs[1]) != self.asked.epochs:
            self.fail(f"expected {self.asked.epochs} events of epochs")
        left = [name for _, _, names in os.walk(self.run) for name in names if name.endswith(".tmp")]
        if left:
            self.fail(f"left behind: {left}")
        return models[0] == models[1] and states[0] == states[1]

    def all(self):
        self.reference()
        began = time.monotonic()
        while self.count["kills"] < self.asked.kills and self.killOnce():
            if self.count["kills"] % 20 == 0:
                print(f"{self.count['kills']} kills, {self.count['inside']} inside a write, step {self.step:,}, "
                      f"{time.monotonic() - began:.0f} s", flush=True)
        areEqual = self.count["kills"] == self.asked.kills and self.compare()
        if self.count["inside"] < self.asked.inside:
            self.fail(f"only {self.count['inside']} kills were inside a write; expected {self.asked.inside}")
        rows = [
            ("kills", self.count["kills"]),
            ("  before the run's folder", self.count["no folder"]),
            ("  before the first checkpoint", self.count["no checkpoint"]),
            ("  inside a checkpoint's write", f"{self.count['inside']} ({self.count['cut']} files were cut short)"),
            ("  between writes", self.count["between"]),
            ("starts, resumes", f"{self.count['starts']}, {self.count['resumes']}"),
            ("checkpoints read afterwards", self.count["read"]),
            ("failures (unreadable, lost, other)", len(self.failures)),
            ("seconds", f"{time.monotonic() - began:.0f}"),
            ("equal bits", "yes" if areEqual else "NO"),
        ]
        for name, value in rows:
            print(f"{name:36}{value}")
        return areEqual and not self.failures


def hurry():
    """Wakes up at once when a file appears, if that is allowed; the training does not inherit it."""
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(1))
    except PermissionError:
        pass


if __name__ == "__main__":
    hurry()
    with tempfile.TemporaryDirectory() as place:
        sys.exit(0 if Experiment(arguments(), place).all() else 1)
