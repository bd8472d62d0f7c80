"""Backpropagation written with NumPy."""
import common

options = common.arguments()
import numpy as np

f = np.float32


def forward(network, x, activation):
  layers = [x]
  for i, (w, b) in enumerate(network):
    z = layers[-1] @ w
    z += b
    if activation == "sigmoid":
      z = 1 / (1 + np.exp(-z))
    elif i < len(network) - 1:
      np.maximum(z, 0, out=z)
    layers.append(z)
  return layers


def output_error(case, output, target):
  """The cost's derivative with respect to the last weighted input."""
  if case.is_quadratic:
    return (output - target) * output * (1 - output) * f(1 / len(target))
  e = np.exp(output - output.max(1, keepdims=True))
  e /= e.sum(1, keepdims=True)
  e -= target
  return e * f(1 / len(target))


def gradients(case, network, x, target):
  layers = forward(network, x, case.activation)
  delta = output_error(case, layers[-1], target)
  result = [None] * (2 * len(network))
  for i in reversed(range(len(network))):
    result[2 * i], result[2 * i + 1] = layers[i].T @ delta, delta.sum(0)
    if i == 0:
      return result
    delta = delta @ network[i][0].T
    a = layers[i]
    delta *= a * (1 - a) if case.activation == "sigmoid" else a > 0


class Updater:
  def __init__(self, case, network):
    self.kind, self.rate, self.count = case.optimizer, case.rate, 0
    self.arrays = [array for pair in network for array in pair]
    self.mean = [np.zeros_like(array) for array in self.arrays]
    self.square = [np.zeros_like(array) for array in self.arrays]

  def __call__(self, gradient):
    self.count += 1
    first = f(self.rate / (1 - 0.9**self.count))
    second = f(1 / np.sqrt(1 - 0.999**self.count))
    for p, m, v, g in zip(self.arrays, self.mean, self.square, gradient):
      if self.kind == "sgd":
        p -= f(self.rate) * g
      elif self.kind == "momentum":
        m *= f(0.9)
        m += g
        p -= f(self.rate) * m
      else:
        m *= f(0.9)
        m += f(0.1) * g
        v *= f(0.999)
        v += f(0.001) * (g * g)
        p -= first * m / (np.sqrt(v) * second + f(1e-8))


def mean_loss(case, network, x, classes, target):
  output = forward(network, x, case.activation)[-1]
  if case.is_quadratic:
    return 0.5 * ((output - target) ** 2).sum(1).mean()
  return common.cross_entropy(output, classes)


def main():
  case = common.Case(options)
  target, version = case.one_hot, np.__version__

  def prepare():
    network = [(w.copy(), b.copy()) for w, b in case.weights]
    return network, Updater(case, network)

  def epoch(state):
    network, update = state
    for i in case.starts:
      j = i + case.batch
      update(gradients(case, network, case.x[i:j], target[i:j]))
    return state

  def loss(state):
    return mean_loss(case, state[0], case.x[:1000], case.y[:1000], target[:1000])

  if case.name == "infer-1":
    network = case.weights
    common.infer(case, "numpy", version, lambda x: lambda: forward(network, x, "relu")[-1])
  elif case.name == "first-step":
    state = epoch(prepare())
    common.first_step(case, "numpy", version, lambda: loss(state))
  else:
    common.train(case, "numpy", version, prepare, epoch, loss)


main()
