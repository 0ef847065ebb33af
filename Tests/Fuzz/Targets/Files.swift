// What the targets that open files share: writing inputs, reading whole arrays within bounds, golden files as seeds.

import DAStore
import Glibc

/// Memory for chunks: small, so that a lie about sizes meets the limit at once.
let pool = BufferPool(budget: 4 << 20)

/// Makes or replaces a file.
func write(_ bytes: [UInt8], to path: String) throws {
  let file = try PositionalFile(path, .createOrTruncate)
  try bytes.withUnsafeBytes { try file.write(at: 0, $0) }
}

/// Reads the first and last chunks of an array as the cache does, each twice, and tells their fingerprint.
///
/// - Throws: `FuzzFinding` when two reads of one chunk differ.
func readEverything(_ dataset: any ChunkedDataset) throws -> String {
  let facts = dataset.description
  var answer =
    "\(facts.format) \(shapeText(facts.shape)) \(facts.dtype) \(shapeText(facts.grid.chunkShape)) \(facts.codecs)"
  answer +=
    " \(facts.storedByteCount) \(facts.generation ?? 0) "
    + (try fingerprint(JSONValue.object(facts.attributes).encoded()))
  answer += " \(facts.details.map { "\($0.key)=\($0.value)" })"
  let count = facts.grid.chunkCount
  let numbers = count <= 48 ? Array(0..<count) : Array(0..<32) + Array(count - 16..<count)
  for number in numbers {
    let byteCount = facts.byteCount(ofChunk: number)
    let chunk = try leased(byteCount, dataset)
    let again = try leased(byteCount, dataset)
    // Different contents before the reads: a byte that is not written would show.
    chunk.bytes.initializeMemory(as: UInt8.self, repeating: 0x55)
    again.bytes.initializeMemory(as: UInt8.self, repeating: 0xAA)
    try dataset.readChunk(number, into: chunk.bytes, pool: pool)
    try dataset.readChunk(number, into: again.bytes, pool: pool)
    try require(chunk.bytes.elementsEqual(again.bytes), "chunk \(number) differs between two reads")
    answer += " " + fingerprint(UnsafeRawBufferPointer(chunk.bytes).prefix(4096))
  }
  try dataset.finishReading()
  return answer
}

private func leased(_ byteCount: Int, _ dataset: any ChunkedDataset) throws -> PooledBuffer {
  do { return try pool.lease(byteCount: byteCount) } catch { throw error.at(path: dataset.path) }
}

/// Golden files of the tests as seeds; none when the sources are not where they were compiled.
func goldenSeeds(suffix: String, under limit: Int) throws -> [FuzzTarget.Seed] {
  let here = #filePath
  guard let tests = here.range(ofLast: "/Fuzz/Targets/") else { return [] }
  return try storedSeeds(in: here[..<tests] + "/Golden/npy").filter {
    $0.name.hasSuffix(suffix) && $0.bytes.count < limit
  }
}

/// Every file of a folder, by name; none when there is no such folder.
public func storedSeeds(in folder: some StringProtocol) throws -> [FuzzTarget.Seed] {
  return try names(in: String(folder)).filter { !$0.hasPrefix(".") }.map { name in
    let file = try PositionalFile("\(folder)/\(name)")
    return FuzzTarget.Seed(name: name, bytes: try file.bytes(at: 0, count: try file.byteCount()))
  }
}

extension String {
  /// Where `text` begins for the last time.
  fileprivate func range(ofLast text: String) -> String.Index? {
    indices.last { self[$0...].hasPrefix(text) }
  }
}

/// A file, or every file of a folder.
public func storedSeeds(at path: String) throws -> [FuzzTarget.Seed] {
  let inside = try storedSeeds(in: path)
  if !inside.isEmpty { return inside }
  let file = try PositionalFile(path)
  return [FuzzTarget.Seed(name: path, bytes: try file.bytes(at: 0, count: try file.byteCount()))]
}

extension FuzzTarget.Seed {
  public func save(in folder: String) throws { try write(bytes, to: "\(folder)/\(name)") }
}
