import BackpropCore

/// Places buffers in one arena so that those alive at the same time do not overlap: first fit, in the order of need.
struct MemoryPlanner {
  /// A buffer and the groups (by position) between which it is alive, both included.
  struct Buffer {
    var byteCount: Int
    var first: Int
    var last: Int
    var offset = 0
  }

  private(set) var buffers: [Buffer] = []
  /// The bytes that all buffers together need.
  private(set) var byteCount = 0
  /// The bytes that they would need without sharing.
  private(set) var unsharedByteCount = 0

  /// Adds a buffer; gives its number.
  mutating func add(byteCount: Int, first: Int, last: Int) -> Int {
    let room = Storage.room(for: byteCount)
    buffers.append(Buffer(byteCount: room, first: first, last: max(first, last)))
    return buffers.count - 1
  }

  /// Gives every buffer its place.
  mutating func place() {
    var placed: [Int] = []  // by offset
    for index in buffers.indices {
      let buffer = buffers[index]
      var offset = 0
      for other in placed
      where buffers[other].first <= buffer.last && buffer.first <= buffers[other].last {
        if offset + buffer.byteCount <= buffers[other].offset { break }
        offset = max(offset, buffers[other].offset + buffers[other].byteCount)
      }
      buffers[index].offset = offset
      byteCount = max(byteCount, offset + buffer.byteCount)
      unsharedByteCount += buffer.byteCount
      let position = placed.firstIndex { buffers[$0].offset > offset } ?? placed.count
      placed.insert(index, at: position)
    }
  }
}
