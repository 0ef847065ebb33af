// `.npy` files as chunks: every type, order and byte order, chunk sizes, refusals, damage.

import Foundation
import Testing

@testable import DAStore

@Suite struct NpyDatasetTests {
  @Test(arguments: [1, 7, 16, 40, 1 << 20])
  func readsWhatNumPyWrote(chunkByteCount: Int) throws {
    for expected in NpyGolden.all.arrays {
      let dataset = try NpyDataset(path: NpyGolden.path(expected.file), chunkByteCount: chunkByteCount)
      #expect(dataset.description.format == .npy)
      #expect(dataset.description.shape == expected.shape)
      #expect(dataset.description.dtype.rawValue == expected.dtype)
      #expect(dataset.description.largestChunkByteCount <= max(chunkByteCount, dataset.description.dtype.byteCount))
      #expect(try readAll(dataset) == bytes(hex: expected.hex), "\(expected.file)")
    }
  }

  @Test func onlyForeignOrdersAreDecoded() throws {
    for (file, isDirect) in [
      ("i4_c.npy", true), ("i4_big.npy", false), ("i4_fortran.npy", false), ("u1_big.npy", true),
    ] {
      let dataset = try NpyDataset(path: NpyGolden.path(file))
      if case .direct = try dataset.storage(of: 0) {
        #expect(isDirect, "\(file)")
      } else {
        #expect(!isDirect, "\(file)")
      }
    }
  }

  @Test func refusesWithTheReason() {
    for expected in NpyGolden.all.refused {
      let path = NpyGolden.path(expected.file)
      let error = storeError { () throws(StoreError) in _ = try NpyDataset(path: path) }
      #expect(error?.code.rawValue == expected.code, "\(expected.file): \(String(describing: error))")
      #expect(error?.message.contains(expected.says) == true, "\(expected.file): \(error?.message ?? "")")
      #expect(error?.message.contains("\n") == false)
      #expect(error?.path == path)
    }
  }

  @Test func missingFilesAndFoldersAreErrors() {
    #expect(storeError { () throws(StoreError) in _ = try NpyDataset(path: "/nonexistent.npy") }?.code == .notFound)
    #expect(
      storeError { () throws(StoreError) in _ = try NpyDataset(path: NpyGolden.folder.path) }?.code == .unsupported)
  }

  @Test func everyTruncationAndFlippedBitIsAnErrorOrADefinedArray() throws {
    for name in ["i4_c.npy", "c8_fortran.npy"] {
      let file = try NpyGolden.bytes(name)
      func open(_ bytes: [UInt8]) throws(StoreError) -> NpyDataset {
        try NpyDataset(MemorySource(bytes), path: name, format: .npy, chunkByteCount: 64)
      }
      for count in 0..<file.count {
        #expect(throws: StoreError.self) { _ = try open(Array(file.prefix(count))) }
      }
      for bit in 0..<file.count * 8 {
        var flipped = file
        flipped[bit / 8] ^= 1 << (bit % 8)
        let dataset: NpyDataset
        do throws(StoreError) {
          dataset = try open(flipped)
        } catch {
          #expect(!error.message.contains("\n"))
          continue
        }
        let elements = try readAll(dataset)
        #expect(elements.count == dataset.description.logicalByteCount)
      }
    }
  }

  @Test func aFileThatShrinksAfterwardsIsTruncated() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "a.npy").path
      try Data(NpyGolden.bytes("i4_c.npy")).write(to: URL(fileURLWithPath: path))
      let dataset = try NpyDataset(path: path)
      #expect(truncate(path, 130) == 0)
      let error = #expect(throws: StoreError.self) { try readAll(dataset) }
      #expect(error?.code == .truncated)
      #expect(error?.path == path)
    }
  }

  @Test func chunksOutsideTheGridAreErrors() throws {
    let dataset = try NpyDataset(path: NpyGolden.path("empty.npy"))
    #expect(dataset.description.grid.chunkCount == 0)
    for number in [-1, 0] {
      #expect(storeError { () throws(StoreError) in _ = try dataset.storage(of: number) }?.code == .notFound)
    }
  }

  /// Every chunk of every small array is one run of its file, in either order.
  @Test func chunksAreContiguous() throws {
    for shape in [[5], [3, 4], [4, 1, 3], [2, 3, 4], [1, 1], []] {
      for room in 1...30 {
        for isTransposed in [false, true] {
          let chunk = NpyDataset.chunkShape(
            shape, elementByteCount: 2, chunkByteCount: 2 * room, isTransposed: isTransposed)
          let grid = try ChunkGrid(shape: shape, chunkShape: chunk)
          let strides =
            isTransposed ? columnMajorStrides(shape, elementByteCount: 1) : rowMajorStrides(shape, elementByteCount: 1)
          for number in 0..<grid.chunkCount {
            let region = grid.region(of: number)
            let first = zip(region.lower, strides).reduce(0) { $0 + $1.0 * $1.1 }
            let last = zip(region.upper, strides).reduce(0) { $0 + ($1.0 - 1) * $1.1 }
            #expect(last - first + 1 == region.elementCount, "\(shape) \(room) \(isTransposed) chunk \(number)")
            #expect(region.elementCount <= room)
          }
        }
      }
    }
  }
}
