"""PyTorch: eager; fused optimiser; channels last; bfloat16 autocast with the fused optimiser; traced (inference)."""
import common

options = common.arguments(("eager", "fused", "bf16", "jit", "channels-last"))
import torch
from torch import nn

torch.set_num_threads(options.threads)
isReduced = options.variant == "bf16"


def dense(weight, bias):
  layer = nn.utils.skip_init(nn.Linear, *weight.shape)
  with torch.no_grad():
    layer.weight.copy_(torch.from_numpy(weight.T))
    layer.bias.copy_(torch.from_numpy(bias))
  return layer


def convolution(weight, bias=None, **options):
  height, width, inputs, outputs = weight.shape
  layer = nn.Conv2d(inputs, outputs, (height, width), bias=bias is not None, **options)
  with torch.no_grad():
    layer.weight.copy_(torch.from_numpy(weight).permute(3, 2, 0, 1))
    if bias is not None:
      layer.bias.copy_(torch.from_numpy(bias))
  return layer


def lenet(arrays):
  both = lambda name: (arrays[name + ".weight"], arrays[name + ".bias"])
  weight, bias = both("dense1")
  # Rows of the first dense layer stand row, column, channel with us; PyTorch flattens channels first.
  weight = weight.reshape(4, 4, 16, -1).transpose(2, 0, 1, 3).reshape(weight.shape)
  return nn.Sequential(
    convolution(*both("conv1")), nn.ReLU(), nn.MaxPool2d(2), convolution(*both("conv2")), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), dense(weight, bias), nn.ReLU(), dense(*both("dense2")), nn.ReLU(), dense(*both("dense3")))


class ResNet(nn.Module):
  def __init__(self, arrays):
    super().__init__()
    self.conv, self.norm = nn.ModuleDict(), nn.ModuleDict()
    for name, _, outputs, kernel, stride in common.residual():
      self.conv[name] = convolution(arrays[name + ".weight"], stride=stride, padding=kernel // 2)
      self.norm[name] = nn.BatchNorm2d(outputs)
    self.dense = dense(arrays["dense.weight"], arrays["dense.bias"])

  def normalized(self, name, x):
    return self.norm[name](self.conv[name](x))

  def forward(self, x):
    x = self.normalized("stem", x).relu()
    for name in (n[:-2] for n in self.conv if n.endswith("c1")):
      inner = self.normalized(name + "c2", self.normalized(name + "c1", x).relu())
      x = (inner + (self.normalized(name + "sc", x) if name + "sc" in self.conv else x)).relu()
    return self.dense(x.mean((2, 3)))


class Transformer(nn.Module):
  """As one writes it for speed: the three projections of attention are one product."""

  def __init__(self, arrays):
    super().__init__()
    tensor = {name: torch.from_numpy(a) for name, a in arrays.items()}
    merged = {}
    for i in range(4):
      for kind in ("weight", "bias"):
        parts = [tensor.pop(f"block{i}.attention.{part}.{kind}") for part in ("query", "key", "value")]
        merged[f"block{i}.attention.{kind}"] = torch.cat(parts, -1)
    for name in [f"block{i}.norm{j}" for i in range(4) for j in (1, 2)] + ["norm"]:
      merged |= {name + ".weight": torch.ones(128), name + ".bias": torch.zeros(128)}
    self.arrays = nn.ParameterDict(
      {name.replace(".", "_"): nn.Parameter(a.clone()) for name, a in (tensor | merged).items()})

  def forward(self, x):
    get = lambda name: self.arrays[name.replace(".", "_")]
    dense = lambda name, x: x @ get(name + ".weight") + get(name + ".bias")
    norm = lambda name, x: nn.functional.layer_norm(x, (128,), get(name + ".weight"), get(name + ".bias"))
    batch, time = x.shape
    a = get("tokens.weight")[x] + get("positions.weight")[:time]
    for block in (f"block{i}" for i in range(4)):
      heads = dense(block + ".attention", norm(block + ".norm1", a)).view(batch, time, 3, 4, 32)
      q, k, v = heads.permute(2, 0, 3, 1, 4)
      seen = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
      a = a + dense(block + ".attention.output", seen.transpose(1, 2).reshape(batch, time, 128))
      inner = nn.functional.gelu(dense(block + ".hidden", norm(block + ".norm2", a)), approximate="tanh")
      a = a + dense(block + ".output", inner)
    return norm("norm", a) @ get("output.weight")


def network(case):
  if case.model:
    model = {"lenet": lenet, "resnet-ish": ResNet, "transformer": Transformer}[case.model](case.weights)
    isLast = options.variant == "channels-last"
    return model.to(memory_format=torch.channels_last) if isLast else model
  layers = []
  for i, (w, b) in enumerate(case.weights):
    layers.append(dense(w, b))
    if case.activation == "sigmoid":
      layers.append(nn.Sigmoid())
    elif i < len(case.weights) - 1:
      layers.append(nn.ReLU())
  return nn.Sequential(*layers)


def updater(case, model):
  isFused = {"fused": True} if options.variant in ("fused", "bf16") else {}
  if case.optimizer == "adamw":
    return torch.optim.AdamW(model.parameters(), case.rate, weight_decay=0.01, **isFused)
  if case.optimizer == "adam":
    return torch.optim.Adam(model.parameters(), case.rate, **isFused)
  momentum = 0.9 if case.optimizer == "momentum" else 0.0
  return torch.optim.SGD(model.parameters(), case.rate, momentum=momentum, **isFused)


def main():
  case = common.Case(options)
  label, version = f"torch-{options.variant}", torch.__version__
  x = torch.from_numpy(case.x)
  if case.model in ("lenet", "resnet-ish"):
    x = x.permute(0, 3, 1, 2)
    if options.variant != "channels-last":
      x = x.contiguous()
  y = torch.from_numpy(case.one_hot if case.is_quadratic else case.y.astype("int64"))
  batches = [(x[i : i + case.batch], y[i : i + case.batch]) for i in case.starts]

  def cost(output, target):
    if case.is_quadratic:
      return 0.5 * ((output - target) ** 2).sum(1).mean()
    return nn.functional.cross_entropy(output.float().flatten(0, -2), target.flatten())

  def prepare():
    model = network(case)
    return model, updater(case, model)

  def epoch(state):
    model, update = state
    for inputs, targets in batches:
      with torch.autocast("cpu", torch.bfloat16, enabled=isReduced):
        value = cost(model(inputs), targets)
      update.zero_grad(set_to_none=True)
      value.backward()
      update.step()
    return state

  def loss(state):
    with torch.no_grad():
      return cost(state[0](x[:1000]), y[:1000])

  if case.name == "infer-1":
    model = network(case).eval()
    if options.variant == "jit":
      model = torch.jit.freeze(torch.jit.trace(model, x[:1]))

    def run(inputs):
      inputs = torch.from_numpy(inputs)
      return lambda: model(inputs)

    with torch.inference_mode():
      common.infer(case, label, version, run)
  elif case.name == "first-step":
    state = epoch(prepare())
    common.first_step(case, label, version, lambda: loss(state))
  else:
    precision = "bfloat16" if isReduced else "float32"
    common.train(case, label, version, prepare, epoch, loss, precision=precision)


main()
