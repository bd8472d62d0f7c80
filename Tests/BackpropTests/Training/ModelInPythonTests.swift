import Testing

@testable import Backprop

/// A saved model, read by `safetensors` and computed by NumPy.
@Suite struct ModelInPythonTests {
  private static let program = """
    import json, sys
    import numpy as np
    from safetensors.numpy import load_file
    folder = sys.argv[1]
    tensors = load_file(folder + "/model.safetensors")
    model = json.load(open(folder + "/model.json"))
    x = np.array(json.load(open(folder + "/inputs.json")), dtype=np.float32)
    scaling = model["scaling"]
    x = (x - np.array(scaling["offset"], np.float32)) * np.array(scaling["scale"], np.float32)
    x = x.astype(model["precision"])
    names = sorted({path.split(".")[0] for path in tensors})
    for name in names:
        x = x @ tensors[name + ".weight"] + tensors[name + ".bias"]
        if name != "output": x = np.tanh(x)
    print(json.dumps(x.ravel().tolist()))
    """

  @Test(.enabled(if: ReferencePython.isThere), arguments: [ScalarType.float32, .float64])
  func numpyPredictsTheSame(precision: ScalarType) throws {
    let folder = try TemporaryFolder()
    let (model, data) = try ModelFilesTests.model("_-12-8-_ tanh", precision: precision)
    try model.save(to: folder.path)
    let pixels = data.inputs.array(of: Int32.self)
    let rows = stride(from: 0, to: pixels.count, by: 64).map { start in
      JSONValue.array(pixels[start..<(start + 64)].map { .integer(Int($0)) })
    }
    try folder.file("inputs.json", Array(JSONValue.array(rows).text().utf8))
    let output = try #require(
      ReferencePython.run(ReferencePython.path ?? "", ["-c", Self.program, folder.path]))
    let theirs = try JSONText.parse(Array(output.utf8)[...], name: "output").elements ?? []
    let ours = try model.predict(data.inputs).array(of: Double.self)
    #expect(theirs.count == ours.count)
    let tolerance = precision == .float64 ? 1e-13 : 1e-5
    for (a, b) in zip(ours, theirs) {
      #expect(abs(a - (b.double ?? .nan)) <= tolerance * max(1, abs(a)))
    }
    let classes = theirs.compactMap(\.double)
    #expect(
      try Metrics.classes(ofHighest: classes, classes: 10)
        == model.predictedClasses(for: data.inputs))
  }
}
