// Runs every elementary function of the kernels through all float32 numbers, on every path of this CPU, with denormals
// kept and flushed, and through samples of float64; compares the paths bit by bit, and the results with the C library's
// in more precision. Fails if paths differ or an error is above its bound.
//
//     swift run -c release ElementaryRange [--every N] [--workers N] [NAME …]
//
// --every N: only every Nth number, and as many samples less. NAME: exp, log, … or power; all unless told.
import CBackpropKernels
import ElementaryFunctions

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

var every = 1, workers = 2, names: [String] = []
var words = CommandLine.arguments.dropFirst()
while let word = words.popFirst() {
  switch word {
  case "--every", "--workers":
    guard let number = words.popFirst().flatMap({ Int($0) }), number > 0 else {
      print("\(word) needs a number of at least 1")
      exit(2)
    }
    if word == "--every" { every = number } else { workers = number }
  default: names.append(word)
  }
}
let known = ElementaryFunction.all.map(\.name) + [ElementaryFunction.Power.name]
for name in names where !known.contains(name) {
  print("no function is called \(name); there are \(known.joined(separator: ", "))")
  exit(2)
}

var failures = 0

/// Prints what was found, and counts it if it is not as it should be.
@MainActor func report<T>(_ measurement: Measurement<T>, bound: Double) async {
  let findings = await measurement.run(workers: workers)
  print("\(measurement.name), \(T.name): " + findings.report(bound: bound))
  fflush(nil)
  if !findings.isSound(bound: bound) { failures += 1 }
}

/// Whether there is a type with more digits than float64.
let hasWide = Wide.significandBitCount > Double.significandBitCount
let samples = max(100_000_000 / every, 1_000_000), pairs = max(1 << 30 / every, 4_000_000)

for function in ElementaryFunction.all where names.isEmpty || names.contains(function.name) {
  let exact = function.exact, exactWide = function.exactWide
  await report(
    Measurement<Float>(name: function.name, op: function.op, inputs: .all(every: every)) { x, _ in
      exact(x)
    }, bound: function.bounds.float32)
  guard hasWide else { continue }
  await report(
    Measurement<Double>(name: function.name, op: function.op, inputs: .samples(samples)) { x, _ in
      exactWide(x)
    }, bound: function.bounds.float64)
}

if names.isEmpty || names.contains(ElementaryFunction.Power.name) {
  typealias Power = ElementaryFunction.Power
  await report(
    Measurement<Float>(
      name: Power.name, op: Power.op, inputs: .pairs(pairs) { log2($0) }, exact: Power.exact),
    bound: Power.bounds.float32)
  if hasWide {
    await report(
      Measurement<Double>(
        name: Power.name, op: Power.op, inputs: .pairs(samples) { log2($0) },
        exact: Power.exactWide),
      bound: Power.bounds.float64)
  }
}
if failures > 0 { print("FAILED: \(failures)") }
exit(failures == 0 ? 0 : 1)
