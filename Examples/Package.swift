// swift-tools-version: 6.1
import PackageDescription

// Small complete programs, in a package of their own so that the libraries build without them. `make examples` runs all.

let libraries: [Target.Dependency] = ["MessagePassing", "DAStore", "DistArray"].map {
  .product(name: $0, package: "DAStore")
}

let package = Package(
  name: "DAStoreExamples",
  dependencies: [.package(name: "DAStore", path: "..")],
  targets: [
    // The snippet of README.md, word for word.
    .executableTarget(name: "ReadmeFirst", dependencies: libraries),
    .executableTarget(name: "StreamingStatistics", dependencies: libraries),
    .executableTarget(name: "AppendTimeSteps", dependencies: libraries),
    .executableTarget(name: "MonteCarloPi", dependencies: libraries),
    .executableTarget(name: "JuliaSet", dependencies: libraries),
    .executableTarget(name: "SeismicVolume", dependencies: libraries),
    .executableTarget(name: "HeatEquation", dependencies: libraries),
    .executableTarget(name: "GaussianElimination", dependencies: libraries),
  ],
  swiftLanguageModes: [.v6]
)
