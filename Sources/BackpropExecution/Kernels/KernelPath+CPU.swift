import CBackpropKernels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension KernelPath {
  var code: bp_path {
    switch self {
    case .portable: BP_PATH_PORTABLE
    case .avx2: BP_PATH_AVX2
    case .avx512: BP_PATH_AVX512
    case .amx: BP_PATH_AMX
    }
  }

  /// Whether this CPU has it.
  public var isSupported: Bool { bp_path_supported(code) != 0 }

  /// The paths that this CPU has, the portable one first.
  public static var supported: [KernelPath] { allCases.filter(\.isSupported) }

  /// The path in use: the one that `BACKPROP_KERNELS` names if this CPU has it, else the best.
  public static let current: KernelPath = {
    if let name = getenv(variable), let path = KernelPath(rawValue: String(cString: name)),
      path.isSupported
    {
      return path
    }
    return supported.last ?? .portable
  }()
}
