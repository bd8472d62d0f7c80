import Backprop
import BackpropExecution
import Testing

/// What the article "From the chain rule to the plan" says about the plan of 784-30-10.
@Suite("From the chain rule to the plan")
struct ArticleTests {
  private static let article: String = {
    let root = #filePath.components(before: "Tests/BackpropTests/")
    return root + "Sources/Backprop/Backprop.docc/FromTheChainRuleToThePlan.md"
  }()

  private func listing(fuses: Bool) throws -> String {
    let text = try NetworkSpecification(parsing: "784-30-10 sigmoid sigmoid")
    var options = PlanOptions()
    options.fuses = fuses
    let step = try TrainingStep(
      MultilayerPerceptron(text), loss: .halfSquaredError, optimizer: SGD(learningRate: 3),
      input: .float([784]), target: .classes(10), options: options)
    return try step.listing(batch: 10)
  }

  @Test func theListingIsTheOneThatPlansHave() throws {
    let text = String(decoding: try FileIO.read(Self.article), as: UTF8.self)
    let fused = try listing(fuses: true)
    #expect(
      text.contains("```\n\(fused)\n```"),
      "the article shows another plan; describe this one there:\n\(fused)")
  }

  @Test func theArticleCountsInstructions() throws {
    #expect(try listing(fuses: true).split(separator: "\n").count == 10)
    #expect(try listing(fuses: false).split(separator: "\n").count == 36)
  }
}

extension String {
  fileprivate func components(before part: String) -> String {
    var rest = self[...]
    while !rest.isEmpty, !rest.hasPrefix(part) { rest = rest.dropFirst() }
    return String(dropLast(rest.count))
  }
}
