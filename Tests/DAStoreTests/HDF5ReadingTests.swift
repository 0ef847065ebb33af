// HDF5 files by h5py give the values that h5py and NumPy see.

import DATestSupport
import Foundation
import MessagePassing
import Testing

@testable import DAStore

@Suite struct HDF5ReadingTests {
  @Test func everyDatasetHasH5pysValues() throws {
    let folder = try HDF5Corpus.folder.get()
    let cases = try HDF5Corpus.cases().filter { $0.npy != nil }
    #expect(cases.count > 200)
    for one in cases {
      let wanted = try NpyDataset(path: folder + "/" + (one.npy ?? ""))
      do {
        let found = try openDataset(DatasetName(parsing: folder + "/" + one.name), over: .serial, chunkByteCount: 64)
        let facts = found.description
        #expect(facts.format == .hdf5)
        #expect(facts.shape == wanted.description.shape, "\(one.name)")
        #expect(facts.dtype == wanted.description.dtype, "\(one.name)")
        var differing = 0
        let expected = try whole(wanted)
        for (a, b) in zip(try whole(found), expected) where a != b { differing += 1 }
        #expect(differing == 0, "\(one.name): \(differing) of \(expected.count) bytes differ")
        if let dimensions = one.dimensions { #expect(facts.dimensionNames == dimensions, "\(one.name)") }
        if let attributes = one.attributes {
          #expect(Set(facts.attributes.keys) == Set(attributes.keys), "\(one.name)")
          for (key, value) in attributes {
            #expect(text(facts.attributes[key]) == text(value.value), "\(one.name)@\(key)")
          }
        }
      } catch {
        Issue.record("\(one.name): \(error)")
      }
    }
  }

  @Test func whatHasNoCounterpartIsRefusedByName() throws {
    let folder = try HDF5Corpus.folder.get()
    for one in try HDF5Corpus.cases() {
      guard let message = one.error else { continue }
      let error = #expect(throws: StoreError.self, "\(one.name)") {
        try openDataset(DatasetName(parsing: folder + "/" + one.name), over: .serial)
      }
      #expect(error?.description.contains(message) == true, "\(one.name): \(error.map { "\($0)" } ?? "")")
    }
  }

  @Test func aFileOfSeveralDatasetsWantsAName() throws {
    let folder = try HDF5Corpus.folder.get()
    let error = #expect(throws: StoreError.self) { try HDF5Dataset(path: folder + "/attributes-latest.h5") }
    #expect(error?.message.contains("/d, /lat, /lon") == true)
    let only = try openDataset(DatasetName(parsing: folder + "/masks-latest.h5[1:3,0]"), over: .serial)
    #expect(only.description.shape == [2])
  }

  @Test(arguments: ["earliest", "latest"])
  func theTreeShowsEverything(version: String) throws {
    let entries = try HDF5Tree.entries(path: try HDF5Corpus.folder.get() + "/groups-\(version).h5")
    func kind(_ path: String) -> HDF5Entry.Kind? { entries.first { $0.path == path }?.kind }
    #expect(kind("/") == .group)
    #expect(kind("/deep/er/still") == .group)
    #expect(
      kind("/deep/er/still/data")
        == .dataset(shape: [5], type: "<i8", layout: "contiguous", chunkShape: nil, filters: []))
    #expect(kind("/hard") == .same("/deep/er/still/data"))
    #expect(kind("/soft") == .link("/deep/er/still/data"))
    #expect(kind("/outside") == .link("layouts.h5:/contiguous"))
    #expect(kind("/large/cycle") == .same("/"))
    #expect(entries.count { $0.path.hasPrefix("/large/a-rather") } == 400)
  }

  /// A flipped byte of a chunk with a checksum is an error; the other chunks stay readable.
  @Test func aDamagedChunkIsFound() throws {
    let folder = try HDF5Corpus.folder.get()
    let name = "gzip-shuffle-fletcher32/i4-noise"
    let bytes = try Data(contentsOf: URL(fileURLWithPath: folder + "/filters-earliest.h5"))
    let sound = try HDF5Dataset(path: folder + "/filters-earliest.h5", member: name)
    guard case .encoded(let extents) = try sound.storage(of: 5), let extent = extents.first else {
      Issue.record("chunk 5 is not encoded")
      return
    }
    try withTemporaryDirectory { path in
      for place in [extent.offset, extent.offset + extent.byteCount / 2, extent.offset + extent.byteCount - 1] {
        var damaged = bytes
        damaged[place] ^= 0x10
        try damaged.write(to: URL(fileURLWithPath: path + "/damaged.h5"))
        let dataset = try HDF5Dataset(path: path + "/damaged.h5", member: name)
        let error = #expect(throws: StoreError.self) { try dataset.loadedBytes(ofChunk: 5) }
        #expect(error?.code == .corrupt && error?.message.contains("chunk 5 at (1, 2) is damaged") == true)
        #expect(try dataset.loadedBytes(ofChunk: 4) == sound.loadedBytes(ofChunk: 4))
      }
    }
  }

  /// All elements in C order.
  private func whole(_ dataset: any ChunkedDataset) throws -> [UInt8] {
    let facts = dataset.description
    let size = facts.dtype.byteCount
    let strides = rowMajorStrides(facts.shape, elementByteCount: size)
    var all = [UInt8](repeating: 0xEE, count: facts.logicalByteCount)
    for number in 0..<facts.grid.chunkCount {
      let region = facts.grid.region(of: number)
      let start = zip(region.lower, strides).reduce(0) { $0 + $1.0 * $1.1 }
      let chunk = try dataset.loadedBytes(ofChunk: number)
      chunk.withUnsafeBytes { from in
        all.withUnsafeMutableBytes { to in
          guard let from = from.baseAddress, let to = to.baseAddress else { return }
          copyBox(
            shape: region.shape, elementByteCount: size, from: from,
            sourceStrides: rowMajorStrides(region.shape, elementByteCount: size), to: to + start,
            destinationStrides: strides)
        }
      }
    }
    return all
  }

  private func text(_ value: JSONValue?) -> String {
    switch value {
    case .null: "nil"
    case .bool(let flag): "\(flag)"
    case .int(let number): "\(Double(number))"
    case .double(let number): "\(number)"
    case .string(let text): text
    case .array(let values): "[" + values.map { text($0) }.joined(separator: ",") + "]"
    case .object, nil: "?"
    }
  }

  private func text(_ value: Any?) -> String {
    if let list = value as? [Any?] { return "[" + list.map { text($0 as Any?) }.joined(separator: ",") + "]" }
    return value.map { "\($0)" } ?? "nil"
  }
}
