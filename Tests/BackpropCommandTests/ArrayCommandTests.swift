import Backprop
import Foundation
import Testing

/// `train` on files of arrays: folds and weights.
@Suite struct ArrayCommandTests {
  private static func arrays() throws -> Workplace {
    let place = try Workplace()
    let x = (0..<120).map { Float(($0 * 37) % 101) / 50 - 1 }
    let y = (0..<60).map { Int32($0 % 3) }
    let weights = (0..<60).map { Float($0 % 4) }
    try NPZ.write(
      ["x": Tensor(x, shape: [60, 2]), "y": Tensor(y), "w": Tensor(weights, shape: [60])],
      to: "\(place.path)/a.npz")
    try NPY.write(Tensor(x, shape: [60, 2]), to: "\(place.path)/x.npy")
    try NPY.write(Tensor(Array(x[..<60]), shape: [60]), to: "\(place.path)/y.npy")
    try NPY.write(Tensor(weights, shape: [60]), to: "\(place.path)/w.npy")
    return place
  }

  @Test func foldsOfArrays() throws {
    let place = try Self.arrays()
    for file in [["a.npz"], ["x.npy", "--target-file", "y.npy"]] {
      let call = ["train"] + file + ["--epochs", "2", "--output"]
      let run = try place.run(call + ["r", "--folds", "4"])
      #expect(run.errors == "")
      #expect(run.lines.filter { $0.hasPrefix("fold ") }.count == 4)
      #expect(run.lines.contains("cross-validation, 4 folds:"))
      // The run itself is that of the command without the flag.
      #expect(try place.run(call + ["s"]).errors == "")
      let paths = ["r", "s"].map { "\(place.path)/\($0)/model.safetensors" }
      #expect(FileManager.default.contentsEqual(atPath: paths[0], andPath: paths[1]))
      for folder in ["r", "s"] {
        try FileManager.default.removeItem(atPath: "\(place.path)/\(folder)")
      }
    }
  }

  @Test func weightsOfArrays() throws {
    let place = try Self.arrays()
    let call = ["train", "a.npz", "--epochs", "2", "--quiet", "--output"]
    #expect(try place.run(call + ["plain"]).errors == "")
    let weighted = try place.run(call + ["weighted", "--sample-weights", "w"])
    #expect(weighted.errors == "")
    let again = try place.run([
      "train", "--config", "weighted/config.yaml", "--quiet", "--output", "again",
    ])
    #expect(again.errors == "")
    func parameters(_ name: String) throws -> [UInt8] {
      try FileIO.read("\(place.path)/\(name)/model.safetensors")
    }
    #expect(try parameters("weighted") == parameters("again"))
    #expect(try parameters("weighted") != parameters("plain"))
    // The test part counts each sample alike.
    let line = try #require(weighted.lines.first?.split(separator: ": ").last)
    #expect(try place.run(["evaluate", "weighted"]).lines[1] == "test: \(line)")
    let pair = try place.run([
      "train", "x.npy", "--target-file", "y.npy", "--sample-weights", "w.npy", "--epochs", "1",
      "--quiet",
    ])
    #expect(pair.errors == "")
  }

  @Test(arguments: [
    (
      ["a.npz", "--group", "w"],
      "--group goes with a table, not with arrays; leave it out, or write the arrays as the "
        + "columns of a .csv file"
    ),
    (["a.npz", "--sample-weights", "v"], "unknown array of a.npz 'v'; known: w, x, y"),
    (["a.npz", "--sample-weights", "x"], "a.npz: 120 weights for 60 samples"),
    (
      ["x.npy", "--target-file", "y.npy", "--sample-weights", "w"],
      "--sample-weights of a .npy file is another .npy file, not 'w'"
    ),
    (
      ["a.npz", "--folds", "61"],
      "a.npz: 61 folds of 60 samples: there must be at least 2 folds, and no more than samples"
    ),
    (
      ["a.npz", "--folds", "3", "--no-shuffle"],
      "a.npz: folds are of shuffled rows; leave --no-shuffle or --folds out"
    ),
  ]) func whatArraysCannotDo(arguments: [String], message: String) throws {
    let place = try Self.arrays()
    let before = place.contents
    let run = try place.run(["train"] + arguments)
    #expect(run.code == 1)
    #expect(run.errors == "backprop: error: \(message)\n")
    #expect(place.contents == before)
  }
}
