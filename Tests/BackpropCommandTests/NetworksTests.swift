import Foundation
import Testing

/// The example networks: each trains for some steps on what it has at hand, and again gives the same numbers.
@Suite struct NetworksTests {
  @Test(arguments: [
    (["lenet"], 20), (["resnet"], 4), (["autoencoder"], 20),
    (["lstm", "--units", "16", "--context", "16"], 20),
    (["gpt", "--layers", "2", "--features", "16", "--context", "16"], 20),
  ]) func trains(_ arguments: [String], _ steps: Int) throws {
    let place = try Workplace()
    let flags = arguments + ["--steps", "\(steps)", "--seed", "3"]
    let run = try place.run(flags, of: CommandRun.networks)
    #expect(run.code == 0, "\(run.errors)")
    let costs = run.lines.filter { $0.hasPrefix("step ") }.map { line in
      Double(line.split(separator: " ")[3].dropLast()) ?? .nan
    }
    try #require(costs.count == steps, "\(run.output)")
    #expect(costs.allSatisfy { $0.isFinite })
    #expect(costs.suffix(3).min()! < costs[0], "\(costs)")
    let again = try place.run(flags + ["--threads", "1"], of: CommandRun.networks)
    func figures(_ run: CommandRun) -> [String] {
      run.lines.map { $0.hasPrefix("step ") ? String($0.split(separator: ",")[0]) : $0 }
    }
    #expect(figures(run) == figures(again))
  }

  @Test func newtonsMethodConvergesQuadratically() throws {
    let run = try Workplace().run(["newton"], of: CommandRun.networks)
    let lengths = run.lines.compactMap { line in
      line.split(separator: " ").last.flatMap { Double($0) }
    }
    try #require(lengths.count == 9, "\(run.output)\(run.errors)")
    #expect(lengths.last! < 1e-12, "\(lengths)")
  }

  @Test(arguments: [
    (["gpt", "--steps", "0"], "--steps must be 1 or more"),
    (["lenet", "--data", "nowhere"], "there is no folder nowhere"),
    (["gpt", "--data", "nowhere"], "tinyshakespeare.txt"),
    (["resnet", "--data", "nowhere"], "cifar10-train-first4000.bin.gz"),
  ]) func saysWhatIsWrong(_ arguments: [String], _ words: String) throws {
    let run = try Workplace().run(arguments, of: CommandRun.networks)
    #expect(run.code != 0 && run.errors.contains(words), "\(run.errors)")
  }
}
