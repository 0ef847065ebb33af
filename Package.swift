// swift-tools-version: 6.1
import PackageDescription

// Targets stand in the order in which data walks through them: C names, message passing, file bytes to chunks,
// chunks to cached memory, arrays and their algebra, commands.
let package = Package(
  name: "DAStore",
  products: [
    .library(name: "MessagePassing", targets: ["MessagePassing"]),
    .library(name: "DAStore", targets: ["DAStore"]),
    .library(name: "DAChunkCache", targets: ["DAChunkCache"]),
    .library(name: "DistArray", targets: ["DistArray"]),
    .executable(name: "dastore-tool", targets: ["dastore-tool"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
  ],
  targets: [
    // Names of C libraries that Swift cannot see by itself.
    .systemLibrary(
      name: "CMPI", pkgConfig: "ompi-c", providers: [.apt(["libopenmpi-dev", "openmpi-bin"])]),
    .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
    .systemLibrary(name: "CXXHash", pkgConfig: "libxxhash", providers: [.apt(["libxxhash-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CSLEEF", pkgConfig: "sleef", providers: [.apt(["libsleef-dev"])]),
    .systemLibrary(name: "CLinux"),
    // Vector kernels that pick their instruction set at run time.
    .target(name: "CKernels"),
    .target(name: "CUfuncs", dependencies: ["CSLEEF"]),

    .target(name: "MessagePassing", dependencies: ["CMPI"]),
    .target(
      name: "DAStore",
      dependencies: [
        "CLinux", "CLZ4", "CXXHash", "CZlib", "CKernels", "MessagePassing",
        .product(name: "SystemPackage", package: "swift-system"),
      ]),
    .target(name: "DAChunkCache", dependencies: ["DAStore", "MessagePassing"]),
    .target(name: "DistArray", dependencies: ["DAChunkCache", "CKernels", "CUfuncs"]),
    .executableTarget(
      name: "dastore-tool",
      dependencies: [
        "DistArray", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    .target(
      name: "DATestSupport", dependencies: ["DistArray", "DAChunkCache", "DAStore", "MessagePassing"], path: "Tests/DATestSupport"),
    .executableTarget(
      name: "ParallelScenarios", dependencies: ["DATestSupport"], path: "Tests/ParallelScenarios"),
    // Decoders under hostile bytes: replayed by the tests, fuzzed by Tests/Fuzz/run.sh.
    .target(name: "FuzzTargets", dependencies: ["DistArray", "DAStore", "MessagePassing"], path: "Tests/Fuzz/Targets"),
    .executableTarget(name: "dastore-fuzz", dependencies: ["FuzzTargets"], path: "Tests/Fuzz/Driver"),
    .testTarget(name: "MessagePassingTests", dependencies: ["MessagePassing", "DATestSupport"]),
    .testTarget(name: "DAStoreTests", dependencies: ["DAStore", "DATestSupport", "FuzzTargets"]),
    .testTarget(name: "DAChunkCacheTests", dependencies: ["DAChunkCache", "DATestSupport"]),
    .testTarget(name: "DistArrayTests", dependencies: ["DistArray", "DATestSupport"]),
    .testTarget(name: "ConformanceTests", dependencies: ["DATestSupport"]),
    .testTarget(name: "ParallelTests", dependencies: ["DATestSupport", "ParallelScenarios"]),
    .testTarget(name: "ToolTests", dependencies: ["DATestSupport", "dastore-tool"]),
  ],
  swiftLanguageModes: [.v6]
)
