// What NumPy says of expressions: one run of Python for many of them.

import DAStore
import DATestSupport
import DistArray
import Testing

/// Type, shape and elements of an array, as NumPy has them.
struct NumPyAnswer: Equatable, CustomStringConvertible {
  var dtype: String
  var shape: [Int]
  var bytes: [UInt8]

  init(_ array: DenseArray) {
    dtype = array.dtype.name
    shape = array.shape
    bytes = array.bytes
  }

  /// From a line: type, shape with commas, hexadecimal bytes.
  private init(line: Substring) throws {
    let parts = line.split(separator: " ", omittingEmptySubsequences: false)
    try #require(parts.count == 3, "NumPy answered \(line)")
    dtype = String(parts[0])
    shape = parts[1].split(separator: ",").compactMap { Int($0) }
    bytes = DistArrayTests.bytes(hex: String(parts[2]))
  }

  var description: String { "\(dtype) \(shape) \(bytes.prefix(64))" }

  /// The answers to Python expressions, in order.
  static func of(_ expressions: [String]) throws -> [NumPyAnswer] {
    let script = """
      import sys, warnings
      import numpy as np
      from numpy import *
      warnings.simplefilter("ignore")
      def words(seed, stream): return np.random.SeedSequence(seed, spawn_key=() if stream is None else (stream,))
      def generator(seed, stream=None): return np.random.Generator(np.random.Philox(words(seed, stream)))
      def random(size, seed, stream=None): return generator(seed, stream).random(size)
      def uniform(size, low, high, seed): return generator(seed).uniform(low, high, size)
      for text in sys.argv[1:]:
          array = asarray(eval(text))
          print(array.dtype.name, ",".join(map(str, array.shape)), array.tobytes().hex())
      """
    let result = try TestPython.run(text: script, expressions)
    try #require(result.exitCode == 0, "\(result.stderr)")
    return try result.stdout.split(separator: "\n").map { try NumPyAnswer(line: $0) }
  }
}
