// swift-tools-version: 6.2
import PackageDescription

let swift: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
  name: "swift-backprop",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Backprop", targets: ["Backprop"]),
    .library(name: "BackpropTesting", targets: ["BackpropTesting"]),
    .executable(name: "backprop", targets: ["BackpropCommand"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-numerics", from: "1.1.1"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
  ],
  targets: [
    // The loops. -O3 in every configuration: debug builds and tests run the same kernels.
    .target(
      name: "CBackpropKernels",
      cSettings: [
        .unsafeFlags(["-O3", "-ffp-contract=off", "-Werror=ignored-attributes", "-Wall", "-Wextra"])
      ]),
    .target(name: "CBackpropData", exclude: ["README.md", "digits.bin", "iris.bin"]),
    .systemLibrary(
      name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),

    .target(
      name: "BackpropCore",
      dependencies: [.product(name: "RealModule", package: "swift-numerics")],
      swiftSettings: swift),
    .target(
      name: "BackpropExecution", dependencies: ["BackpropCore", "CBackpropKernels"],
      swiftSettings: swift),
    .target(
      name: "Backprop",
      dependencies: ["BackpropCore", "BackpropExecution", "CBackpropData", "CZlib"],
      swiftSettings: swift),
    .target(
      name: "BackpropTesting", dependencies: ["BackpropCore", "BackpropExecution", "Backprop"],
      swiftSettings: swift),
    .executableTarget(
      name: "BackpropCommand",
      dependencies: [
        "Backprop", "BackpropTesting",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: swift),
    .executableTarget(name: "ByHand", path: "Examples/ByHand", swiftSettings: swift),

    // Counts allocations of a step, by interposing the allocator: a program of its own, run in release by CI.
    .executableTarget(
      name: "Networks",
      dependencies: [
        "Backprop", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Examples/Networks", swiftSettings: swift),
    .target(name: "CAllocationCounter", path: "Tests/CAllocationCounter"),
    .executableTarget(
      name: "AllocationCheck",
      dependencies: ["Backprop", "BackpropExecution", "CAllocationCounter"],
      path: "Tests/AllocationCheck", swiftSettings: swift),
    // Steps whose instructions Scripts/instruction_gate.sh counts.
    .executableTarget(
      name: "InstructionSteps", dependencies: ["Backprop"], path: "Tests/InstructionSteps",
      exclude: ["counts.txt"], swiftSettings: swift),
    // The elementary functions of the kernels, with references and bounds, and the program that goes through all of
    // float32. Their loops are long: optimised in every configuration, as the kernels are.
    .target(
      name: "ElementaryFunctions", dependencies: ["CBackpropKernels"],
      path: "Tests/ElementaryFunctions", swiftSettings: swift + [.unsafeFlags(["-O"])]),
    .executableTarget(
      name: "ElementaryRange", dependencies: ["CBackpropKernels", "ElementaryFunctions"],
      path: "Tests/ElementaryRange", swiftSettings: swift + [.unsafeFlags(["-O"])]),

    .testTarget(
      name: "CBackpropKernelsTests", dependencies: ["CBackpropKernels", "ElementaryFunctions"],
      swiftSettings: swift + [.unsafeFlags(["-O"])]),
    .testTarget(
      name: "BackpropCoreTests",
      dependencies: ["BackpropCore", "BackpropExecution", "BackpropTesting"],
      swiftSettings: swift),
    .testTarget(
      name: "BackpropExecutionTests",
      dependencies: ["BackpropCore", "BackpropExecution", "BackpropTesting"], swiftSettings: swift),
    .testTarget(
      name: "BackpropTests",
      dependencies: ["Backprop", "BackpropExecution", "BackpropTesting", "ElementaryFunctions"],
      exclude: ["Fixtures"], swiftSettings: swift),
    .testTarget(
      name: "BackpropCommandTests",
      dependencies: ["Backprop", "BackpropCommand", "BackpropTesting", "ByHand", "Networks"],
      exclude: ["Golden"], swiftSettings: swift),
  ],
  swiftLanguageModes: [.v6]
)

// Scripts/fuzz.sh builds the fuzz targets, with the library and the readers of the command in one
// program, and nothing else; no other build sees them. What reads files counts the branches that an
// input takes, and checks every access to memory. Optimised code runs several times as many inputs,
// and takes three times as long to compile: it is for long runs.
if let mode = Context.environment["BACKPROP_FUZZ"] {
  let fast: [SwiftSetting] = mode == "optimized" ? [.unsafeFlags(["-O"])] : []
  let checked: [SwiftSetting] = [.unsafeFlags(["-sanitize=fuzzer,address", "-enable-testing"])]
  package.products = []
  package.targets.removeAll {
    $0.isTest || $0.name == "BackpropCommand" || $0.type == .executable
  }
  for target in package.targets where ["BackpropCore", "BackpropExecution"].contains(target.name) {
    target.swiftSettings = swift + fast
  }
  for target in package.targets where target.name == "Backprop" {
    target.swiftSettings = swift + fast + checked
  }
  package.targets += [
    .target(
      name: "BackpropCommand",
      dependencies: [
        "Backprop", "BackpropTesting",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Yams", package: "Yams"),
      ],
      exclude: ["Main.swift"], swiftSettings: swift + checked),
    .target(name: "CFuzzer", path: "Tests/CFuzzer"),
    .executableTarget(
      name: "Fuzz", dependencies: ["Backprop", "BackpropCommand", "CFuzzer"], path: "Tests/Fuzz",
      exclude: ["Seeds", "Dictionaries", "make_seeds.py"], swiftSettings: swift + fast + checked,
      linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"])]),
  ]
}
