import ArgumentParser
import Backprop

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What every example takes from the command line, and the loop that they share.
struct Course: ParsableArguments {
  @Option(help: "Steps of training.")
  var steps: Int?
  @Option(help: "The folder of the data; a small part of the program stands in for it unless told.")
  var data: String?
  @Option(help: "The seed of initial weights and of the order of samples.")
  var seed: UInt64 = 1
  @Option(help: "Threads of a step.")
  var threads = 2

  func validate() throws {
    guard (steps ?? 1) >= 1 else { throw ValidationError("--steps must be 1 or more") }
    guard threads >= 1 else { throw ValidationError("--threads must be 1 or more") }
  }

  /// Trains, and prints the mean cost of the steps since the line before.
  ///
  /// - Parameters:
  ///   - step: what to run.
  ///   - steps: how often, unless the command line says.
  ///   - batch: samples of a step.
  ///   - samples: gives the samples of an epoch, which are shuffled.
  func train(
    _ step: TrainingStep, steps: Int, batch: Int, samples: (_ epoch: Int) throws -> Dataset
  ) throws -> TrainingState {
    var state = try step.initialState(seed: seed)
    let steps = self.steps ?? steps
    let start = Self.seconds
    var (done, epoch, sum, counted) = (0, 0, 0.0, 0)
    while done < steps {
      for batch in try samples(epoch).batches(of: batch, key: RandomKey(seed), epoch: epoch)
      where done < steps {
        sum += try step.run(&state, batch)
        (done, counted) = (done + 1, counted + 1)
        if done % max(steps / 20, 1) == 0 || done == steps {
          print(
            "step \(done): cost \(Self.rounded(sum / Double(counted))), \(Int(Self.seconds - start)) s"
          )
          (sum, counted) = (0, 0)
        }
      }
      epoch += 1
    }
    return state
  }

  /// The clock, in seconds.
  static var seconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// Four decimals.
  static func rounded(_ value: Double) -> Double { (value * 10_000).rounded() / 10_000 }
}
