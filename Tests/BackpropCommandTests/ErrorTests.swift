import Backprop
import Testing

/// One line on the standard error, an exit code, and nothing left behind.
@Suite struct ErrorTests {
  private func expect(
    _ arguments: [String], _ message: String, code: Int32 = 1, in place: Workplace? = nil
  ) throws {
    let place = try place ?? Workplace()
    let before = place.contents
    let run = try place.run(arguments)
    #expect(run.errors == "backprop: error: \(message)\n", "\(arguments)")
    #expect(run.code == code, "\(arguments)")
    #expect(run.output == "", "\(arguments)")
    #expect(place.contents == before, "\(arguments)")
  }

  @Test(arguments: [
    (
      ["digit"],
      "unknown data set 'digit'; did you mean 'digits'? Known: digits, iris, xor, mnist, "
        + "fashion-mnist"
    ),
    (
      ["digits", "--network", "784-30-10 sigmoid"],
      "network '784-30-10 sigmoid': 784 inputs, but the data has 64; write 64 or _"
    ),
    (
      ["digits", "--network", "64-30-7 sigmoid"],
      "network '64-30-7 sigmoid': 7 outputs, but the data has 10; write 10 or _"
    ),
    (
      ["digits", "--network", "_-2000000000-2000000000-_ relu"],
      "network '64-2000000000-2000000000-10 relu identity': more weights than the 2^40 that are "
        + "allowed"
    ),
    (
      ["digits", "--network", "30 sigmod"],
      "unknown activation 'sigmod'; did you mean 'sigmoid'? Known: "
        + Activation.allNames.joined(separator: ", ")
    ),
    (
      ["digits", "--network", "30 sigmoid softmax", "--loss", "softmax-cross-entropy"],
      "softmax-cross-entropy takes logits, not the output of softmax; leave the output activation "
        + "out, or use "
        + "cross-entropy or binary-cross-entropy, which take activations"
    ),
    (
      ["digits", "--loss", "half-square-error"],
      "unknown loss 'half-square-error'; did you mean 'half-squared-error'? Known: "
        + Losses.allNames.joined(separator: ", ")
    ),
    (
      ["digits", "--optimizer", "adm"],
      "unknown optimizer 'adm'; did you mean 'adam'? Known: "
        + Optimizers.allNames.joined(separator: ", ")
    ),
    (
      ["digits", "--schedule", "cosin"],
      "unknown schedule 'cosin'; did you mean 'cosine'? Known: "
        + Schedule.allNames.joined(separator: ", ")
    ),
    (
      ["digits", "--initializer", "lecun"],
      "unknown initializer 'lecun'; known: zeros, ones, standard-normal, glorot-uniform, "
        + "glorot-normal, he-uniform, "
        + "he-normal, lecun-uniform, lecun-normal, constant, uniform, normal"
    ),
    (
      ["digits", "--bias", "units"],
      "unknown bias 'units'; did you mean 'unit'? Known: unit, layer, none"
    ),
    (
      ["digits", "--order", "sequental"],
      "unknown order 'sequental'; did you mean 'sequential'? Known: simultaneous, sequential"
    ),
    (
      ["digits", "--precision", "float16"],
      "unknown precision 'float16'; did you mean 'bfloat16'? Known: float32, float64, bfloat16"
    ),
    (
      ["digits", "--order", "sequential"],
      "order sequential goes with plain sgd alone, without decay or clipping"
    ),
    (
      ["digits", "--momentum", ".9", "--optimizer", "adam"],
      "--momentum goes with sgd, momentum or nesterov, not with adam"
    ),
  ]) func wrongNamesAndNetworks(arguments: [String], message: String) throws {
    try expect(["train"] + arguments, message)
  }

  @Test(arguments: [
    (["--epochs", "0"], "epochs is 0; expected a whole number of at least 1"),
    (["--batch-size", "-3"], "batch-size is -3; expected a whole number of at least 1"),
    (["--threads", "0"], "threads is 0; expected a whole number of at least 1"),
    (["--learning-rate", "-0.1"], "learning-rate is -0.1; expected a number above 0"),
    (["--learning-rate", "nan"], "learning-rate is nan; expected a number above 0"),
    (["--momentum", "1"], "momentum is 1.0; expected a number of at least 0 and below 1"),
    (["--l2", "-1"], "l2 is -1; expected a number of at least 0"),
    (["--weight-decay", "-1"], "weight-decay is -1; expected a number of at least 0"),
    (["--clip-norm", "0"], "clip-norm is 0; expected a number above 0"),
  ]) func numbersThatMakeNoSense(arguments: [String], message: String) throws {
    try expect(["train", "iris"] + arguments, message)
  }

  @Test(arguments: [
    (["--nonsense"], "Unknown option '--nonsense' (see backprop --help)"),
    (
      ["--epochs", "many"],
      "The value 'many' is invalid for '--epochs <count>' (see backprop --help)"
    ),
    (["--seed", "-1"], "The value '-1' is invalid for '--seed <seed>' (see backprop --help)"),
  ]) func wrongUsageIs64(arguments: [String], message: String) throws {
    try expect(["train", "iris"] + arguments, message, code: 64)
  }

  @Test(arguments: [
    (
      ["digits", "--learning-rate", "1e30", "--optimizer", "sgd", "--quiet"],
      "training diverged in epoch 1, step 2: the first number that is not finite is NaN, in layer "
        + "'output', "
        + "from matmul, for sample 199 (weights or gradients grew until they overflowed); try a "
        + "learning rate below 1e+30, or clip the gradient"
    ),
    (
      [
        "digits", "--learning-rate", "1e30", "--optimizer", "sgd", "--quiet", "--epochs", "1",
        "--batch-size", "2000",
      ],
      "training diverged in epoch 1, step 1: the validation loss is not finite; the first number "
        + "that is not finite "
        + "is NaN, in layer 'output', from matmul, for sample 0 (weights or gradients grew until "
        + "they overflowed); try a learning rate below 1e+30, or clip the gradient"
    ),
  ]) func divergedRuns(arguments: [String], message: String) throws {
    try expect(["train"] + arguments + ["--checkpoint-every", "never"], message)
    let place = try Workplace()
    let run = try place.run(["train"] + arguments + ["--output", "deep/er"])
    let file = "deep/er/checkpoints/checkpoint-000001.safetensors"
    #expect(
      run.errors
        == "backprop: error: \(message); the state before it is in \(file); or go on with: "
        + "backprop train --resume deep/er --on-nonfinite backtrack\n")
    #expect(place.contents.contains(file) && !place.contents.contains("deep/er/run.json"))
  }

  @Test func outputThatExists() throws {
    let place = try Workplace()
    try place.write("there/file", [1])
    for name in ["there", "there/", "there/file"] {
      let path = name == "there/" ? "there" : name
      try expect(
        ["train", "iris", "--output", name],
        "cannot make the folder \(path): something of that name is already there", in: place)
    }
    try expect(
      ["train", "iris", "--output", "there/file/run"],
      "cannot make the folder there/file: Not a directory",
      in: place)
  }

  @Test func runsThatCannotBeRead() throws {
    let place = try Workplace()
    try expect(
      ["evaluate", "nowhere"], "cannot read nowhere/run.json: No such file or directory", in: place)
    try place.write("bad/run.json", Array("{\"format\": 1}".utf8))
    try expect(
      ["evaluate", "bad"], "bad/run.json: 'format': expected 'backprop-run', found 1", in: place)
  }
}
