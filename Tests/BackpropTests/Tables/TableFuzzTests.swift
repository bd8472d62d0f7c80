import Testing

@testable import Backprop
import BackpropCore

@Suite struct TableFuzzTests {
  /// Any file gives a split or one line of error, and no trap, whatever stands in it.
  @Test func changedFilesNeverTrap() throws {
    var text = "id,n,c,w,y\n"
    for row in 0..<12 {
      text += "\(row),\(row * row).25,\"\(["a", "b,", "c\"\""][row % 3])\",\(row % 3),\(row % 2)\n"
    }
    let bytes = Array(text.utf8)
    let values: [UInt8] = [0x00, 0x0a, 0x0d, 0x20, 0x22, 0x2c, 0x2d, 0x39, 0x3b, 0x65, 0xc3, 0xff]
    var read = 0
    for trial in 0..<1500 {
      var stream = RandomStream(RandomKey(UInt64(trial)).folded("fuzz"))
      var changed = bytes
      for _ in 0...Int(stream.below(3)) {
        let place = Int(stream.below(UInt32(changed.count)))
        let value = values[Int(stream.below(UInt32(values.count)))]
        switch stream.below(3) {
        case 0: changed[place] = value
        case 1: changed.insert(value, at: place)
        default: changed.remove(at: place)
        }
      }
      let options = TableOptions(
        task: TableTask.allCases[trial % 3], missing: MissingPolicy.allCases[trial % 4],
        addsIndicators: trial % 2 == 0, sampleWeights: trial % 5 == 0 ? "w" : nil)
      do {
        var rest = changed
        var reader = try CSVReader(name: "t.csv") {
          defer { rest = [] }
          return rest
        }
        let split = try reader.whole().split(
          TableSplitting(key: RandomKey(1)), options: options)
        let json = split.preprocessing.json
        #expect(try Preprocessing(json: json, file: "m.json") == split.preprocessing)
        read += 1
      } catch {
        let text = String(describing: error)
        #expect(text.hasPrefix("t.csv: ") && !text.contains("\n"), "\(text)")
      }
    }
    #expect(read > 200)
  }
}
