// swift-tools-version: 6.2
import PackageDescription

let swift: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
  name: "Benchmarks",
  platforms: [.macOS(.v15)],
  products: [.executable(name: "backprop-bench", targets: ["BackpropBench"])],
  dependencies: [
    .package(name: "swift-backprop", path: ".."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
  ],
  targets: [
    // Loops that measure what the machine can do: FMA peak and memory streams.
    .target(
      name: "CLimits",
      cSettings: [
        .unsafeFlags([
          "-O3", "-ffp-contract=fast", "-Werror=ignored-attributes", "-Wall", "-Wextra",
        ])
      ]),
    // Cases, records, tables and charts: nothing here needs the library.
    .target(name: "Comparison", swiftSettings: swift),
    .executableTarget(
      name: "BackpropBench",
      dependencies: [
        "CLimits", "Comparison", .product(name: "Backprop", package: "swift-backprop"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: swift),
    .testTarget(name: "ComparisonTests", dependencies: ["Comparison"], swiftSettings: swift),
  ],
  swiftLanguageModes: [.v6]
)
