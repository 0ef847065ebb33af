// Options that several commands share, in words that hold for all of them.

import ArgumentParser
import DAStore
import DistArray

/// How much a command says, and to whom.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print the answer as JSON, for programs.")
  var json = false

  @Flag(help: "Print nothing but answers and errors: no progress bar, no closing line.")
  var quiet = false

  @Flag(help: "Also print memory, cache use, reads and times per rank, on standard error.")
  var verbose = false
}

/// How a command that reads or writes elements goes about it.
struct WorkOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Memory for data per rank, such as 512MiB or 1.5GiB (K, M, G are powers of 1024).",
      discussion: """
        Without it the environment variable DASTORE_MEMORY counts; without that, a quarter of the machine's memory \
        divided by the ranks on it, at most 4 GiB.
        """,
      valueName: "size"))
  var memory: MemorySize?

  @Flag(help: "Print what would be done, with bytes and memory, and stop.")
  var explain = false
}

/// A budget in the words of the command line.
struct MemorySize: ExpressibleByArgument {
  var budget: MemoryBudget

  init?(argument: String) {
    // Why it is not a size is what the parser says anyway.
    guard let budget = try? MemoryBudget(parsing: argument) else { return nil }
    self.budget = budget
  }
}

/// Replacing what is there.
struct TargetOptions: ParsableArguments {
  @Flag(help: "Replace the target if it exists.")
  var force = false
}

/// How the chunks of a target are laid out and stored.
struct StorageOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How chunks are compressed: lz4, deflate (HDF5 only, and its default) or none.", valueName: "name"))
  var codec: CodecName?

  @Option(help: ArgumentHelp("How bytes are reordered before compression: byte, bit or none.", valueName: "kind"))
  var shuffle: ShuffleName = .byte
}

extension StorageOptions {
  /// The codecs' names, in order of encoding.
  ///
  /// - Throws: `.invalidArgument` for a codec that the format does not have.
  func codecs(_ dtype: DType, _ format: TargetName.Format) throws(StoreError) -> [String] {
    let shuffle: [String] =
      switch shuffle {
      case .byte: dtype.byteCount > 1 ? ["byteshuffle"] : []
      case .bit: ["bitshuffle"]
      case .none: []
      }
    // Whoever reads HDF5 has deflate; LZ4 is a plug-in there.
    let codec = codec ?? (format == .hdf5 ? .deflate : .lz4)
    guard codec != .deflate || format == .hdf5 else {
      throw StoreError(.invalidArgument, "only HDF5 files are compressed by deflate; use --codec lz4")
    }
    guard codec != .none else { return [] }
    return shuffle + [codec.rawValue] + (format == .hdf5 ? ["fletcher32"] : [])
  }
}

enum CodecName: String, ExpressibleByArgument, CaseIterable { case lz4, deflate, none }
enum ShuffleName: String, ExpressibleByArgument, CaseIterable { case byte, bit, none }

/// A list of whole numbers, `64,64,64`, or the word `auto` where the command may choose.
struct ChunkShape: ExpressibleByArgument {
  /// `nil` for `auto`.
  var extents: [Int]?

  init?(argument: String) {
    if argument == "auto" { return }
    guard let list = IntegerList(argument: argument), list.values.allSatisfy({ $0 >= 1 }) else { return nil }
    extents = list.values
  }

  /// The extents for an array; about a mebibyte, near to a cube, where the command may choose.
  func extents(_ shape: [Int], _ dtype: DType) -> [Int] {
    extents ?? ChunkGrid.cubes(shape, elementByteCount: dtype.byteCount, targetByteCount: 1 << 20)
  }
}

/// Whole numbers separated by commas: `0,2`.
struct IntegerList: ExpressibleByArgument {
  var values: [Int]

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    values = parts.compactMap { Int($0) }
    guard values.count == parts.count else { return nil }
  }
}

/// Two numbers, the second not below the first: `-1,2.5`.
struct ValueRange: ExpressibleByArgument {
  var bounds: ClosedRange<Double>

  init?(argument: String) {
    let numbers = argument.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
    guard numbers.count == 2, let low = numbers[0], let high = numbers[1], low <= high else { return nil }
    bounds = low...high
  }
}

/// An element type by NumPy's name: `f4`, `float32`, `<f4`.
struct ElementType: ExpressibleByArgument {
  var dtype: DType

  init?(argument: String) {
    guard let parsed = DType.parse(argument), !parsed.isBigEndian else { return nil }
    dtype = parsed.dtype
  }
}
