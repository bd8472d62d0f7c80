import CFuzzer

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

// Runs one fuzz target under libFuzzer, whose options are the arguments. The target is named by
// FUZZ_TARGET and not by an argument, because libFuzzer starts this program anew by itself. Without
// a name, the names of all targets are printed. Scripts/fuzz.sh is what people call.

/// The target of this process.
enum Running {
  static let target: FuzzTarget? = getenv("FUZZ_TARGET").flatMap { name in
    FuzzTarget.all.first { $0.name == String(cString: name) }
  }
}

guard Running.target != nil else {
  FuzzTarget.all.forEach { print($0.name) }
  exit(getenv("FUZZ_TARGET") == nil ? 0 : 64)
}

var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
exit(
  LLVMFuzzerRunDriver(&count, &arguments) { data, size in
    Running.target?.run(Array(UnsafeBufferPointer(start: data, count: size)))
    return 0
  })
