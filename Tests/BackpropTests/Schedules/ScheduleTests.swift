import Foundation
import Testing

@testable import Backprop

/// A schedule with PyTorch's numbers.
struct ScheduleFixture: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let losses, factors: [Double]

  var testDescription: String { name }

  static let all = Fixture.decode([ScheduleFixture].self, "more_schedules")
}

@Suite struct ScheduleTests {
  private func factors(_ schedule: Schedule, _ steps: [Int]) -> [Double] {
    steps.map { schedule.factor(step: $0) }
  }

  @Test func sequences() {
    #expect(factors(.constant, [0, 1, 1000]) == [1, 1, 1])
    #expect(
      factors(.step(every: 3, factor: 0.5), [0, 2, 3, 5, 6, 9]) == [1, 1, 0.5, 0.5, 0.25, 0.125])
    #expect(factors(.exponential(factor: 0.5), [0, 1, 2, 10]) == [1, 0.5, 0.25, 0x1p-10])
    expectClose(
      factors(.cosine(over: 4), [0, 1, 2, 3, 4, 5, 100]),
      [1, 0.8535533905932737, 0.5, 0.14644660940672627, 0, 0, 0],
      Tolerance(relative: 1e-14, absolute: 1e-16))
    expectClose(
      factors(.cosine(over: 4, minimum: 0.2), [0, 2, 4, 9]), [1, 0.6, 0.2, 0.2],
      Tolerance(relative: 1e-15))
    #expect(factors(.warmup(4), [0, 1, 2, 3, 4, 5]) == [0.25, 0.5, 0.75, 1, 1, 1])
    #expect(
      factors(.warmup(2, then: .step(every: 2, factor: 0.5)), [0, 1, 2, 3, 4, 5])
        == [0.5, 1, 1, 1, 0.5, 0.5])
  }

  /// cos πx at points where it is known to all digits.
  @Test(
    arguments: [
      (0.0, 1.0), (1.0 / 6, 0.8660254037844386), (0.2, 0.8090169943749475),
      (0.25, 0.7071067811865476), (1.0 / 3, 0.5), (0.4, 0.30901699437494745), (0.5, 0.0),
      (2.0 / 3, -0.5), (0.75, -0.7071067811865476), (1.0, -1.0), (0.01, 0.9995065603657316),
    ] as [(Double, Double)])
  func cosine(_ x: Double, _ expected: Double) {
    expectClose(cosineOfPi(times: x), expected, Tolerance(relative: 4e-16, absolute: 1e-16))
  }

  @Test(arguments: [
    ("constant", "constant"), ("step:every=1000,factor=0.5", "step:every=1000,factor=0.5"),
    ("step:factor=0.5,epochs=10", "step:every=5000,factor=0.5"),
    ("exponential:factor=0.999", "exponential:factor=0.999"),
    ("cosine:steps=100", "cosine:steps=100,minimum=0"),
    ("cosine:epochs=30,minimum=0.01", "cosine:steps=15000,minimum=0.01"),
    ("warmup:steps=500", "warmup:steps=500"), ("warmup:epochs=0.5", "warmup:steps=250"),
    ("warmup:epochs=0.0001", "warmup:steps=1"),
    ("warmup:steps=5 then cosine:steps=10", "warmup:steps=5 then cosine:steps=10,minimum=0"),
    ("warmup:steps=5 then constant", "warmup:steps=5"),
    ("cosine-restarts:epochs=1", "cosine-restarts:steps=500,growth=1,minimum=0"),
    (
      "cosine-restarts:steps=10,growth=3,minimum=0.1",
      "cosine-restarts:steps=10,growth=3,minimum=0.1"
    ),
    ("one-cycle:epochs=2", "one-cycle:steps=1000,rise=0.3,start=0.04,end=4e-06"),
    ("polynomial:steps=9,power=1.5", "polynomial:steps=9,power=1.5,minimum=0"),
    ("inverse-square-root:steps=9", "inverse-square-root:steps=9"),
    (
      "warmup:steps=3 then plateau:patience=2",
      "warmup:steps=3 then plateau:factor=0.1,patience=2,threshold=0.0001,cooldown=0,minimum=0"
    ),
  ])
  func text(_ text: String, _ expected: String) throws {
    let schedule = try Schedule(parsing: text, stepsPerEpoch: 500)
    #expect(schedule.description == expected)
    let again = try Schedule(parsing: expected)
    let steps = [0, 1, 4, 5, 9, 10, 250, 500, 5000, 20000]
    #expect(factors(again, steps) == factors(schedule, steps))
    let losses = [3.0, 2, 2, 2, 2, 2, 2]
    #expect(
      again.factor(validationLosses: losses) == schedule.factor(validationLosses: losses))
    let factor = text.contains("plateau") ? 0.1 : 1
    #expect(schedule.factor(validationLosses: losses) == factor)
  }

  /// PyTorch's rates: of steps, or after epochs with their validation losses.
  @Test(arguments: ScheduleFixture.all)
  func `PyTorch's rates`(_ fixture: ScheduleFixture) throws {
    let schedule = try Schedule(parsing: fixture.name)
    let found = fixture.factors.indices.map { index in
      fixture.losses.isEmpty
        ? schedule.factor(step: index)
        : schedule.factor(validationLosses: Array(fixture.losses[...index]))
    }
    expectClose(found, fixture.factors, Tolerance(relative: 1e-12, absolute: 1e-15), fixture.name)
  }

  @Test func beyondTheEnd() {
    #expect(factors(.oneCycle(over: 1), [0, 1]) == [4e-6, 4e-6])
    #expect(factors(.oneCycle(over: 10, rise: 0), [0, 9, 10, 1000]) == [1, 4e-6, 4e-6, 4e-6])
    #expect(factors(.oneCycle(over: 10, rise: 1), [0, 8, 9]).last == 4e-6)
    #expect(factors(.polynomial(over: 4, power: 0.5), [0, 3, 4, 9]) == [1, 0.5, 0, 0])
    #expect(factors(.cosineRestarts(first: 1, growth: 2), [0, 1, 3, 7]) == [1, 1, 1, 1])
    let late = Schedule.cosineRestarts(first: 3, growth: 7).factor(step: 1 << 60)
    #expect(late >= 0 && late <= 1)
    // A user's function goes through warm-up as any schedule does.
    let own = Schedule("half") { _ in 0.5 }
    #expect(factors(.warmup(2, then: own), [0, 1, 2]) == [0.5, 1, 0.5])
  }

  @Test(arguments: [
    ("", "unknown schedule ''; known: \(Schedule.allNames.joined(separator: ", "))"),
    (
      "cosin:steps=1",
      "unknown schedule 'cosin'; did you mean 'cosine'? Known: \(Schedule.allNames.joined(separator: ", "))"
    ),
    ("cosine", "schedule 'cosine': steps or epochs is missing"),
    (
      "cosine:steps=1,epochs=1", "schedule 'cosine': steps and epochs are both given; leave one out"
    ),
    (
      "cosine:epochs=1",
      "schedule 'cosine': the number of steps in an epoch is not known here; give steps"
    ),
    ("cosine:steps=1,minimum=2", "schedule 'cosine': minimum is 2; expected a number from 0 to 1"),
    (
      "cosine:steps=1,minimun=0",
      "schedule 'cosine': unknown option 'minimun'; did you mean 'minimum'? Known: steps, epochs, minimum"
    ),
    (
      "step:every=0,factor=0.5",
      "schedule 'step': every is 0; expected a whole number of at least 1"
    ),
    (
      "step:every=1.5,factor=0.5",
      "schedule 'step': every is 1.5; expected a whole number of at least 1"
    ),
    ("step:every=2", "schedule 'step': factor is missing"),
    ("step:factor=0.5", "schedule 'step': every or epochs is missing"),
    ("exponential", "schedule 'exponential': factor is missing"),
    ("exponential:0.9", "schedule 'exponential': the number 0.9 needs a name: factor"),
    ("exponential:factor=-1", "schedule 'exponential': factor is -1; expected a number above 0"),
    (
      "warmup:steps=ten",
      "schedule 'warmup': 'steps=ten' is not an option with a number, such as key=0.5"
    ),
    ("constant:factor=1", "schedule 'constant': it has no option 'factor'"),
    (
      "polynomial:steps=5,power=0.3",
      "schedule 'polynomial': power is 0.3; expected a multiple of 0.5, at most 1000"
    ),
    (
      "one-cycle:steps=5,rise=2", "schedule 'one-cycle': rise is 2; expected a number from 0 to 1"
    ),
    ("plateau:factor=0", "schedule 'plateau': factor is 0; expected a number above 0"),
    (
      "plateau:patience=1.5",
      "schedule 'plateau': patience is 1.5; expected a whole number of at least 0"
    ),
    (
      "cosine:steps=1 then constant",
      "schedule 'cosine': only warmup can be followed by another schedule"
    ),
  ])
  func refuses(_ text: String, _ message: String) {
    expectError(message) { _ = try Schedule(parsing: text) }
  }
}
