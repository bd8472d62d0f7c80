import Backprop
import Dispatch
import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Lets Ctrl-C, a hang-up or a request to end run an action, each time. Where it gives a text, this is
/// printed, and the process ends at once; else it goes on, or ends by itself.
///
/// The action gets the number of the signal. It runs on a thread of its own, so that it may take
/// locks, which a signal handler must not.
func onInterrupt(_ action: @escaping @Sendable (Int32) -> String?) {
  for number in [SIGINT, SIGTERM, SIGHUP] {
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
    source.setEventHandler {
      guard let message = action(number) else { return }
      complain("backprop: \(message)")
      _exit(128 + number)
    }
    source.resume()
    // It must live as long as the process.
    _ = Unmanaged.passRetained(source as AnyObject)
  }
}

/// What a training makes of signals: the first asks it to save and end, the second ends it at once. Before
/// it has begun, or where it is not saved, the first ends it.
final class Interruption: Sendable {
  /// Asks the training to end.
  let stop = StopRequest()
  private let number = Atomic<Int32>(0)
  private let hasBegun = Atomic(false)

  /// The signal that came first.
  var signal: Int32 { number.load(ordering: .relaxed) }

  /// From now on the training can be saved.
  func begin() { hasBegun.store(true, ordering: .relaxed) }

  /// Hears a signal.
  ///
  /// - Returns: what to say if the process is to end now.
  func hear(_ signal: Int32, _ folder: RunFolder) -> String? {
    if hasBegun.load(ordering: .relaxed), folder.path != nil, stop.make() {
      number.store(signal, ordering: .relaxed)
      return nil
    }
    let path = folder.path
    if folder.discard() { return "interrupted; nothing was saved" }
    return path.map { "interrupted at once; go on with: backprop train --resume \($0)" }
  }
}
