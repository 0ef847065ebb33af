// swift-tools-version: 6.1
import PackageDescription

// Measurements live in a package of their own, so that users of the libraries do not fetch the benchmark tools.
let package = Package(
  name: "DAStoreBenchmarks",
  dependencies: [
    .package(name: "DAStore", path: ".."),
    .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
  ],
  targets: [
    .executableTarget(
      name: "Stations",
      dependencies: [
        .product(name: "DistArray", package: "DAStore"),
        .product(name: "Benchmark", package: "benchmark"),
      ],
      path: "Benchmarks/Stations",
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")])
  ],
  swiftLanguageModes: [.v6]
)
