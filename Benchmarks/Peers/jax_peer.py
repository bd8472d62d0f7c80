"""JAX on the CPU: one compiled step called per batch (jit), or a whole epoch as one scan (scan)."""
import common

options = common.arguments(("jit", "scan"))
common.pin(options.threads)
import functools

import jax
import jax.numpy as jnp

tree = jax.tree_util.tree_map


def forward(network, x, activation):
  for i, (w, b) in enumerate(network):
    x = x @ w + b
    if activation == "sigmoid":
      x = jax.nn.sigmoid(x)
    elif i < len(network) - 1:
      x = jax.nn.relu(x)
  return x


def convolved(x, weight, stride=1, padding=0):
  return jax.lax.conv_general_dilated(
    x, weight, (stride, stride), [(padding, padding)] * 2, dimension_numbers=("NHWC", "HWIO", "NHWC"))


def pooled(x):
  return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")


def lenet(arrays, x):
  for name in ("conv1", "conv2"):
    x = pooled(jax.nn.relu(convolved(x, arrays[name + ".weight"]) + arrays[name + ".bias"]))
  x = x.reshape(len(x), -1)
  for name in ("dense1", "dense2"):
    x = jax.nn.relu(x @ arrays[name + ".weight"] + arrays[name + ".bias"])
  return x @ arrays["dense3.weight"] + arrays["dense3.bias"]


def normalized(arrays, name, x, stride, kernel):
  """Batch normalisation by the batch's own numbers; what evaluation would use is not kept."""
  x = convolved(x, arrays[name + ".weight"], stride, kernel // 2)
  mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
  return (x - mean) / jnp.sqrt(variance + 1e-5) * arrays[name + "-norm.scale"] + arrays[name + "-norm.bias"]


def resnet(arrays, x):
  shapes = {name: (stride, kernel) for name, _, _, kernel, stride in common.residual()}
  x = jax.nn.relu(normalized(arrays, "stem", x, *shapes["stem"]))
  for name in (n[:-2] for n in shapes if n.endswith("c1")):
    inner = jax.nn.relu(normalized(arrays, name + "c1", x, *shapes[name + "c1"]))
    inner = normalized(arrays, name + "c2", inner, *shapes[name + "c2"])
    x = jax.nn.relu(inner + (normalized(arrays, name + "sc", x, *shapes[name + "sc"]) if name + "sc" in shapes else x))
  return x.mean((1, 2)) @ arrays["dense.weight"] + arrays["dense.bias"]


def transformer(arrays, x):
  def norm(name, a):
    mean, variance = a.mean(-1, keepdims=True), a.var(-1, keepdims=True)
    return (a - mean) / jnp.sqrt(variance + 1e-5) * arrays[name + ".scale"] + arrays[name + ".bias"]

  dense = lambda name, a: a @ arrays[name + ".weight"] + arrays[name + ".bias"]
  batch, time = x.shape
  allowed = jnp.tril(jnp.ones((time, time), bool))
  a = arrays["tokens.weight"][x] + arrays["positions.weight"]
  for block in (f"block{i}" for i in range(4)):
    h = norm(block + ".norm1", a)
    q, k, v = (
      dense(f"{block}.attention.{part}", h).reshape(batch, time, 4, 32).transpose(0, 2, 1, 3)
      for part in ("query", "key", "value"))
    scores = jnp.where(allowed, q @ k.swapaxes(2, 3) / jnp.sqrt(32.0), -jnp.inf)
    seen = (jax.nn.softmax(scores) @ v).transpose(0, 2, 1, 3).reshape(batch, time, 128)
    a = a + dense(block + ".attention.output", seen)
    a = a + dense(block + ".output", jax.nn.gelu(dense(block + ".hidden", norm(block + ".norm2", a)), approximate=True))
  return norm("norm", a) @ arrays["output.weight"]


def update(case, network, slots, gradient):
  if case.optimizer == "sgd":
    return tree(lambda p, g: p - case.rate * g, network, gradient), slots
  mean, square, count = slots
  if case.optimizer == "momentum":
    mean = tree(lambda m, g: 0.9 * m + g, mean, gradient)
    return tree(lambda p, m: p - case.rate * m, network, mean), (mean, square, count)
  count = count + 1
  mean = tree(lambda m, g: 0.9 * m + 0.1 * g, mean, gradient)
  square = tree(lambda v, g: 0.999 * v + 0.001 * g * g, square, gradient)
  first = case.rate / (1 - 0.9 ** count.astype(jnp.float32))
  second = jnp.sqrt(1 - 0.999 ** count.astype(jnp.float32))
  if case.optimizer == "adamw":
    network = tree(lambda p: p * (1 - 0.01 * case.rate), network)
  network = tree(
    lambda p, m, v: p - first * m / (jnp.sqrt(v) / second + 1e-8), network, mean, square)
  return network, (mean, square, count)


def main():
  case = common.Case(options)
  label, version = f"jax-{options.variant}", jax.__version__
  x = jnp.asarray(case.x)
  y = jnp.asarray(case.one_hot if case.is_quadratic else case.y)

  def cost(network, inputs, targets):
    if case.model:
      output = {"lenet": lenet, "resnet-ish": resnet, "transformer": transformer}[case.model](network, inputs)
    else:
      output = forward(network, inputs, case.activation)
    if case.is_quadratic:
      return 0.5 * ((output - targets) ** 2).sum(1).mean()
    logs = jax.nn.log_softmax(output)
    return -jnp.take_along_axis(logs, targets[..., None], -1).mean()

  def step(state, batch):
    network, slots = state
    value, gradient = jax.value_and_grad(cost)(network, *batch)
    return update(case, network, slots, gradient), value

  def prepare():
    network = tree(jnp.array, case.weights)
    if case.model == "resnet-ish":
      for name, _, outputs, _, _ in common.residual():
        network |= {f"{name}-norm.scale": jnp.ones(outputs), f"{name}-norm.bias": jnp.zeros(outputs)}
    if case.model == "transformer":
      for name in [f"block{i}.norm{j}" for i in range(4) for j in (1, 2)] + ["norm"]:
        network |= {name + ".scale": jnp.ones(128), name + ".bias": jnp.zeros(128)}
    zeros = lambda used: tree(jnp.zeros_like, network) if used else ()
    slots = (
      zeros(case.optimizer != "sgd"), zeros(case.optimizer in ("adam", "adamw")), jnp.zeros((), jnp.int32))
    return jax.block_until_ready((network, slots))

  @functools.partial(jax.jit, donate_argnums=0)
  def indexed(state, x, y, i):
    cut = lambda a: jax.lax.dynamic_slice_in_dim(a, i, case.batch)
    return step(state, (cut(x), cut(y)))[0]

  @functools.partial(jax.jit, donate_argnums=0)
  def scan(state, x, y):
    cut = lambda a: a.reshape(-1, case.batch, *a.shape[1:])
    return jax.lax.scan(step, state, (cut(x), cut(y)))[0]

  def epoch(state):
    if options.variant == "scan":
      state = scan(state, x, y)
    else:
      for i in case.starts:
        state = indexed(state, x, y, i)
    return jax.block_until_ready(state)

  loss = lambda state: jax.jit(cost)(state[0], x[:1000], y[:1000])

  if case.name == "infer-1":
    network = tree(jnp.asarray, case.weights)
    compiled = jax.jit(lambda network, x: forward(network, x, case.activation))

    def run(inputs):
      inputs = jnp.asarray(inputs)
      return lambda: compiled(network, inputs).block_until_ready()

    common.infer(case, label, version, run)
  elif case.name == "first-step":
    state = epoch(prepare())
    common.first_step(case, label, version, lambda: loss(state))
  else:
    common.train(case, label, version, prepare, epoch, loss)


main()
