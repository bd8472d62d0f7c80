"""Writes the samples and initial weights of all cases once, so that every side reads the same bits.

  data.py [CASE …] [--samples N]
"""
import argparse
import os
import tempfile

import numpy as np

from common import CACHE, CASES, residual


def samples(count, features, classes):
  """Like digits: about a fifth of the inputs are not 0; the classes are those of a linear map."""
  random = np.random.default_rng(1)
  x = random.random((count, features), dtype=np.float32)
  x *= random.random((count, features), dtype=np.float32) < 0.2
  teacher = random.standard_normal((features, classes)).astype(np.float32)
  return x, np.argmax(x @ teacher - x.mean(0) @ teacher, 1).astype(np.int32)


def weights(sizes):
  random = np.random.default_rng(2)
  arrays = {}
  for i, (inputs, outputs) in enumerate(zip(sizes, sizes[1:])):
    w = random.standard_normal((inputs, outputs)) / np.sqrt(inputs)
    arrays |= {f"w{i}": w.astype(np.float32), f"b{i}": np.zeros(outputs, np.float32)}
  return arrays


def images(count, shape, classes):
  """Normal numbers, channels last; the classes are those of a linear map."""
  random = np.random.default_rng(3)
  x = random.standard_normal((count, *shape), dtype=np.float32)
  teacher = random.standard_normal((int(np.prod(shape)), classes)).astype(np.float32)
  return x, np.argmax(x.reshape(count, -1) @ teacher, 1).astype(np.int32)


def characters(count, context, classes):
  """A noisy chain, so that the loss falls: x, and the same one place further."""
  random = np.random.default_rng(7)
  steps = random.choice([1, 1, 1, 2, 5], size=(count, context + 1))
  chain = (np.cumsum(steps, 1) % classes).astype(np.int32)
  return np.ascontiguousarray(chain[:, :-1]), np.ascontiguousarray(chain[:, 1:])


def models():
  """The arrays of each model by path: kernels [height, width, inputs, outputs], dense [inputs, outputs]."""
  random = np.random.default_rng(4)

  def normal(*shape):
    inputs = int(np.prod(shape[:-1]))
    return (random.standard_normal(shape) * np.sqrt(2 / inputs)).astype(np.float32)

  def add(arrays, name, *shape):
    arrays |= {f"{name}.weight": normal(*shape), f"{name}.bias": np.zeros(shape[-1], np.float32)}

  lenet, resnet = {}, {}
  for name, *shape in (
    ("conv1", 5, 5, 1, 6), ("conv2", 5, 5, 6, 16), ("dense1", 256, 120), ("dense2", 120, 84), ("dense3", 84, 10)):
    add(lenet, name, *shape)
  for name, inputs, outputs, kernel, _ in residual():
    resnet[f"{name}.weight"] = normal(kernel, kernel, inputs, outputs)
  add(resnet, "dense", 64, 10)
  transformer = {}

  def small(name, *shape, bias=True):
    transformer[f"{name}.weight"] = (random.standard_normal(shape) * 0.02).astype(np.float32)
    if bias:
      transformer[f"{name}.bias"] = np.zeros(shape[-1], np.float32)

  small("tokens", 96, 128, bias=False)
  small("positions", 128, 128, bias=False)
  for block in (f"block{i}" for i in range(4)):
    for part in ("query", "key", "value", "output"):
      small(f"{block}.attention.{part}", 128, 128)
    small(f"{block}.hidden", 128, 512)
    small(f"{block}.output", 512, 128)
  small("output", 128, 96, bias=False)
  return {"lenet": lenet, "resnet-ish": resnet, "transformer": transformer}


def store(name, write):
  """Writes a file in whole or not at all."""
  handle, path = tempfile.mkstemp(dir=CACHE)
  with os.fdopen(handle, "wb") as file:
    write(file)
  os.replace(path, CACHE / name)
  print("wrote", CACHE / name)


def main():
  parser = argparse.ArgumentParser()
  parser.add_argument("cases", nargs="*", default=list(CASES))
  parser.add_argument("--samples", type=int)
  options = parser.parse_args()
  CACHE.mkdir(exist_ok=True)
  for name in options.cases:
    sizes, count = CASES[name]["sizes"], options.samples or CASES[name]["samples"]
    if model := CASES[name].get("model"):
      make = characters if model == "transformer" else images
      x, y = make(count, sizes[0] if model == "transformer" else sizes[:-1], sizes[-1])
      store(f"x-{model}-{count}.npy", lambda file: np.save(file, x))
      store(f"y-{model}-{count}.npy", lambda file: np.save(file, y))
      arrays = models()[model]
      store(f"weights-{model}.npz", lambda file: np.savez(file, **arrays))
      continue
    if not (CACHE / f"y-{count}.npy").exists():
      x, y = samples(count, sizes[0], sizes[-1])
      store(f"x-{count}.npy", lambda file: np.save(file, x))
      store(f"y-{count}.npy", lambda file: np.save(file, y))
    file = f"weights-{'-'.join(map(str, sizes))}.npz"
    if not (CACHE / file).exists():
      arrays = weights(sizes)
      store(file, lambda file: np.savez(file, **arrays))


main()
