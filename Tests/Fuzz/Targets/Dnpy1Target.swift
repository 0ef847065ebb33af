// The target for `.dnpy` 1.0: up to four files that claim to be one set.

import DAStore

extension FuzzTarget {
  /// Input: the number of files, two bytes for the size of each but the last, then the files one after the other.
  static let dnpy1 = FuzzTarget(
    name: "dnpy1", maximumByteCount: 8192,
    seeds: {
      func axis(_ letter: String, _ size: Int, _ rank: Int, _ count: Int, _ more: String) -> String {
        "{'dist_type': '\(letter)', 'size': \(size), 'proc_grid_rank': \(rank), 'proc_grid_size': \(count), \(more)}"
      }
      func block(_ size: Int, _ rank: Int, _ count: Int, _ held: Range<Int>) -> String {
        axis("b", size, rank, count, "'start': \(held.lowerBound), 'stop': \(held.upperBound)")
      }
      func cyclic(_ size: Int, _ rank: Int, _ count: Int, blocks: Int) -> String {
        axis("c", size, rank, count, "'start': \(rank * blocks), 'block_size': \(blocks)")
      }
      func list(_ size: Int, _ rank: Int, _ count: Int, _ indices: [Int]) -> String {
        axis("u", size, rank, count, "'indices': \(indices)")
      }
      return [
        Seed(name: "one", bytes: try set([file("{}, {}", [2, 3])])),
        Seed(
          name: "blocks",
          bytes: try set([file(block(5, 0, 2, 0..<3) + ", {}", [3, 2]), file(block(5, 1, 2, 3..<5) + ", {}", [2, 2])])),
        Seed(
          name: "padded",
          bytes: try set([
            file(block(6, 0, 2, 0..<4).dropLast() + ", 'padding': (0, 1)}, ", [4]),
            file(block(6, 1, 2, 2..<6).dropLast() + ", 'padding': (1, 0), 'periodic': False}, ", [4]),
          ])),
        Seed(
          name: "cyclic",
          bytes: try set([file(cyclic(7, 0, 2, blocks: 2) + ",", [4]), file(cyclic(7, 1, 2, blocks: 2) + ",", [3])])),
        Seed(
          name: "unstructured",
          bytes: try set([file(list(5, 0, 2, [4, 0]) + ",", [2]), file(list(5, 1, 2, [1, 3, 2]) + ",", [3])])),
        Seed(
          name: "grid",
          bytes: try set(
            (0..<4).map { rank in
              try file(
                block(4, rank / 2, 2, rank / 2 * 2..<rank / 2 * 2 + 2) + ", " + cyclic(3, rank % 2, 2, blocks: 1),
                [2, 2 - rank % 2])
            })),
      ]
    },
    body: { bytes, folder in
      var input = InputReader(bytes)
      let count = input.number(byteCount: 1) % 4 + 1
      let sizes = (1..<count).map { _ in input.number(byteCount: 2) }
      let names = (0..<count).map { "\(folder)/set_\($0).dnpy" }
      for (name, size) in zip(names, sizes + [Int.max]) { try write(input.take(size), to: name) }
      return try naming(folder) { try readEverything(Dnpy1Dataset(files: names)) }
    })

  private static func set(_ files: [[UInt8]]) -> [UInt8] {
    [UInt8(files.count - 1)] + files.dropLast().flatMap { [UInt8($0.count & 0xFF), UInt8($0.count >> 8)] }
      + files.joined()
  }

  private static func file(_ dictionaries: String, _ shape: [Int]) throws -> [UInt8] {
    let text = Array("{'__version__': '0.10.0', 'dim_data': (\(dictionaries))}".utf8)
    let npy = try NpyHeader(shape: shape, dtype: .int16)
    return [0x93] + Array("DARRY".utf8) + [1, 0, UInt8(text.count & 0xFF), UInt8(text.count >> 8)] + text
      + npy.encoded()
      + (0..<npy.dataByteCount).map { UInt8($0 & 0xFF) }
  }
}
