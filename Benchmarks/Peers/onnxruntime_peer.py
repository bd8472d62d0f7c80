"""ONNX Runtime: inference alone."""
import common

options = common.arguments()
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper


def graph(case):
  nodes, arrays, value = [], [], "x"
  for i, (w, b) in enumerate(case.weights):
    arrays += [numpy_helper.from_array(w, f"w{i}"), numpy_helper.from_array(b, f"b{i}")]
    nodes.append(helper.make_node("Gemm", [value, f"w{i}", f"b{i}"], [f"z{i}"]))
    value = f"z{i}"
    if i < len(case.weights) - 1:
      nodes.append(helper.make_node("Relu", [value], [f"a{i}"]))
      value = f"a{i}"
  info = lambda name, size: helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", size])
  made = helper.make_graph(
    nodes, "network", [info("x", case.sizes[0])], [info(value, case.sizes[-1])], arrays)
  return helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def main():
  case = common.Case(options)
  settings = onnxruntime.SessionOptions()
  settings.intra_op_num_threads = options.threads
  settings.inter_op_num_threads = 1
  session = onnxruntime.InferenceSession(
    graph(case).SerializeToString(), settings, providers=["CPUExecutionProvider"])
  run = lambda x: lambda: session.run(None, {"x": x})[0]
  common.infer(case, "onnxruntime", onnxruntime.__version__, run)


main()
