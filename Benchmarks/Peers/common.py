"""What all peers share: arguments, threads, the stored data, timing, and one JSON line a result.

Import this before any numerical library: thread counts are read when those are loaded.
"""
import argparse
import json
import os
import time
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent
CACHE = Path(os.environ.get("BACKPROP_BENCH_CACHE", FOLDER / ".cache"))
CASES = json.loads((FOLDER / "cases.json").read_text())


def arguments(variants=("",)):
  """The command line of every peer: CASE [--variant V] [--threads N] [--repeats N] …"""
  parser = argparse.ArgumentParser()
  parser.add_argument("case", choices=CASES)
  parser.add_argument("--variant", choices=variants, default=variants[0])
  parser.add_argument("--threads", type=int, default=1)
  parser.add_argument("--repeats", type=int, default=3)
  parser.add_argument("--samples", type=int, help="fewer samples than the case has, for a trial")
  options = parser.parse_args()
  limit_threads(options.threads)
  return options


def limit_threads(count):
  for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(name, None)
  for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = str(count)


def pin(count):
  """For libraries that size their pools by the processors they may use."""
  if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-count:])


def residual():
  """The convolutions of the small residual network: name, channels in and out, kernel, stride."""
  yield "stem", 3, 16, 3, 1
  inputs = 16
  for stage, outputs in enumerate((16, 32, 64)):
    for block in range(2):
      name, stride = f"s{stage}b{block}", 2 if stage and not block else 1
      yield name + "c1", inputs, outputs, 3, stride
      yield name + "c2", outputs, outputs, 3, 1
      if stride > 1:
        yield name + "sc", inputs, outputs, 1, stride
      inputs = outputs


class Case:
  """A case with its stored arrays."""

  def __init__(self, options):
    import numpy as np

    fields = CASES[options.case]
    self.name, self.options = options.case, options
    self.sizes, self.batch = fields["sizes"], fields["batch"]
    self.activation, self.loss = fields["activation"], fields["loss"]
    self.optimizer, self.rate = fields["optimizer"], fields["rate"]
    self.samples = options.samples or fields["samples"]
    self.model = fields.get("model")
    self.is_quadratic = self.loss == "half-squared-error"
    if self.model:
      self.x = np.load(CACHE / f"x-{self.model}-{self.samples}.npy")
      self.y = np.load(CACHE / f"y-{self.model}-{self.samples}.npy")
      self.weights = dict(np.load(CACHE / f"weights-{self.model}.npz"))
      return
    self.x = np.load(CACHE / f"x-{self.samples}.npy")
    self.y = np.load(CACHE / f"y-{self.samples}.npy")
    stored = np.load(CACHE / f"weights-{'-'.join(map(str, self.sizes))}.npz")
    self.weights = [(stored[f"w{i}"], stored[f"b{i}"]) for i in range(len(self.sizes) - 1)]

  @property
  def one_hot(self):
    import numpy as np

    return np.eye(self.sizes[-1], dtype=np.float32)[self.y]

  @property
  def starts(self):
    return range(0, self.samples, self.batch)


def emit(case, peer, version, **fields):
  line = {"case": case.name, "peer": peer, "version": version, "threads": case.options.threads}
  print(json.dumps(line | fields), flush=True)


def median(values):
  ordered, middle = sorted(values), len(values) // 2
  return ordered[middle] if len(values) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def train(case, peer, version, prepare, epoch, loss, **fields):
  """Times epochs, each from the initial weights.

  prepare() gives a fresh state, epoch(state) the state after one pass and is timed, loss(state) the
  mean loss of the first 1000 samples. The first epoch is not counted: it compiles and warms up.
  """
  state = prepare()
  start = time.perf_counter()
  state = epoch(state)
  first = time.perf_counter() - start
  final = loss(state)
  walls, cpus = [], []
  for _ in range(case.options.repeats):
    state = prepare()
    wall, cpu = time.perf_counter(), time.process_time()
    state = epoch(state)
    walls.append(time.perf_counter() - wall)
    cpus.append(time.process_time() - cpu)
  # One thread: processor time stands when others use the machine.
  one = case.options.threads == 1
  seconds = [min(pair) for pair in zip(walls, cpus)] if one else walls
  emit(
    case, peer, version, samples=case.samples, first_epoch_s=round(first, 6),
    seconds_min=round(min(seconds), 6), seconds_median=round(median(seconds), 6),
    samples_per_s_max=round(case.samples / min(seconds), 1),
    samples_per_s_median=round(case.samples / median(seconds), 1),
    times=[round(t, 6) for t in walls], cpu_times=[round(t, 6) for t in cpus],
    final_loss=round(float(final), 6), **fields)


def infer(case, peer, version, run):
  """Latency of run(x) → outputs, for one sample and for all 1,024."""
  import numpy as np

  for batch, calls, warm in ((1, 5000, 300), (len(case.x), 150, 10)):
    if case.options.repeats == 1:
      calls, warm = calls // 10, warm // 10
    x = np.ascontiguousarray(case.x[:batch])
    call = run(x)
    for _ in range(warm):
      call()
    times, clock = [0] * calls, time.perf_counter_ns
    cpu = time.process_time()
    for i in range(calls):
      start = clock()
      call()
      times[i] = clock() - start
    cpu = (time.process_time() - cpu) / calls
    micro = np.sort(times) / 1000
    emit(
      case, peer, version, batch=batch, calls=calls, cpu_mean_us=round(cpu * 1e6, 2),
      p50_us=round(float(np.percentile(micro, 50)), 2),
      p99_us=round(float(np.percentile(micro, 99)), 2), min_us=round(float(micro[0]), 2),
      final_loss=round(float(cross_entropy(np.asarray(call()), case.y[:batch])), 6))


def cross_entropy(logits, classes):
  import numpy as np

  z = logits.astype(np.float64)
  z -= z.max(1, keepdims=True)
  return (np.log(np.exp(z).sum(1)) - z[np.arange(len(z)), classes]).mean()


def first_step(case, peer, version, loss):
  """Called at the end of the first step: the time since the process was started, its memory."""
  now = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
  start = os.environ.get("BACKPROP_BENCH_START")
  fields = {"seconds": round((now - int(start)) / 1e9, 6)} if start else {}
  try:
    lines = Path("/proc/self/status").read_text().splitlines()
    peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    fields["peak_rss_mib"] = round(peak / 1024, 1)
  except OSError:
    pass
  fields["cpu_s"] = round(time.process_time(), 4)
  emit(case, peer, version, **fields, final_loss=round(float(loss()), 6))
