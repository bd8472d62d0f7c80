"""PyTorch: eager; fused optimiser; bfloat16 autocast with the fused optimiser; traced (inference)."""
import common

options = common.arguments(("eager", "fused", "bf16", "jit"))
import torch

torch.set_num_threads(options.threads)
isReduced = options.variant == "bf16"


def network(case):
  layers = []
  for i, (w, b) in enumerate(case.weights):
    layer = torch.nn.utils.skip_init(torch.nn.Linear, *w.shape)
    with torch.no_grad():
      layer.weight.copy_(torch.from_numpy(w.T))
      layer.bias.copy_(torch.from_numpy(b))
    layers.append(layer)
    if case.activation == "sigmoid":
      layers.append(torch.nn.Sigmoid())
    elif i < len(case.weights) - 1:
      layers.append(torch.nn.ReLU())
  return torch.nn.Sequential(*layers)


def updater(case, model):
  isFused = {"fused": True} if options.variant in ("fused", "bf16") else {}
  if case.optimizer == "adam":
    return torch.optim.Adam(model.parameters(), case.rate, **isFused)
  momentum = 0.9 if case.optimizer == "momentum" else 0.0
  return torch.optim.SGD(model.parameters(), case.rate, momentum=momentum, **isFused)


def main():
  case = common.Case(options)
  label, version = f"torch-{options.variant}", torch.__version__
  x = torch.from_numpy(case.x)
  y = torch.from_numpy(case.one_hot if case.is_quadratic else case.y.astype("int64"))
  batches = [(x[i : i + case.batch], y[i : i + case.batch]) for i in case.starts]

  def cost(output, target):
    if case.is_quadratic:
      return 0.5 * ((output - target) ** 2).sum(1).mean()
    return torch.nn.functional.cross_entropy(output.float(), target)

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
