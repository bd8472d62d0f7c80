import Dispatch

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Lets Ctrl-C, a hang-up or a request to end run an action before the process ends.
///
/// The action runs on a thread of its own, so that it may take locks, which a signal handler must not.
func onInterrupt(_ action: @escaping @Sendable () -> Void) {
  for number in [SIGINT, SIGTERM, SIGHUP] {
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
    source.setEventHandler {
      action()
      complain("backprop: interrupted; nothing was saved")
      _exit(128 + number)
    }
    source.resume()
    // It must live as long as the process.
    _ = Unmanaged.passRetained(source as AnyObject)
  }
}
