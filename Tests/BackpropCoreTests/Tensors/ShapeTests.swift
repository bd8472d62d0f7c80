import BackpropCore
import Testing

@Suite struct ShapeTests {
  @Test func `counts, strides and negative axes`() {
    let shape: Shape = [2, 3, 4]
    #expect(shape.rank == 3)
    #expect(shape.count == 24)
    #expect(shape.strides == [12, 4, 1])
    #expect(shape[-1] == 4)
    #expect(shape[0] == 2)
    #expect(shape.last == 4)
    #expect(shape.rows == 6)
    #expect(shape.description == "[2, 3, 4]")
  }

  @Test func `a scalar has one element and no axis`() {
    let scalar: Shape = []
    #expect(scalar.count == 1)
    #expect(scalar.last == 1)
    #expect(scalar.rows == 1)
    #expect(scalar.strides == [])
    #expect(scalar.description == "[]")
  }

  static let broadcasts: [(Shape, Shape, Shape?)] = [
    ([], [], []), ([], [3], [3]), ([2, 1], [3], [2, 3]), ([2, 3], [3], [2, 3]),
    ([2, 3], [2], nil), ([5, 1, 4], [3, 1], [5, 3, 4]), ([0], [1], [0]), ([0], [2], nil),
  ]

  @Test(arguments: broadcasts)
  func `broadcasting follows NumPy, in either order`(a: Shape, b: Shape, expected: Shape?) {
    #expect(a.broadcast(with: b) == expected)
    #expect(b.broadcast(with: a) == expected)
  }

  @Test func `axes are resolved, sorted and checked`() {
    let shape: Shape = [2, 3, 4]
    #expect(shape.resolved(axes: [-1, 0]) == [0, 2])
    #expect(shape.resolved(axes: []) == [])
    #expect(shape.resolved(axes: [2, -1]) == nil)
    #expect(shape.resolved(axes: [3]) == nil)
    #expect(shape.resolved(axes: [-4]) == nil)
  }

  @Test func `positions read what broadcasting repeats`() {
    #expect(Shape([2, 1]).positions(in: [2, 3]) == [0, 0, 0, 1, 1, 1])
    #expect(Shape([3]).positions(in: [2, 3]) == [0, 1, 2, 0, 1, 2])
    #expect(Shape([]).positions(in: [2]) == [0, 0])
    #expect(Shape([2, 3]).positions(strides: [1, 2], offset: 5) == [5, 7, 9, 6, 8, 10])
  }
}
