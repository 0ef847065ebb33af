// The files of several datasets under one numbering: what datasets made from others read through.

import DAStore

/// A dataset made from others.
protocol SourcedDataset: DerivedDataset {
  /// What it is made from, and which part of each it shows.
  var sources: [Tape.Source] { get }
}

/// Reads extents of several datasets, whose files are numbered one dataset after the other.
///
/// Datasets made from others can be made into further ones: numbers add up, they never multiply.
struct SourceFiles: Sendable {
  /// Each once.
  private let datasets: [any ChunkedDataset]
  /// Per dataset, the number of its file 0; ascending.
  private let firsts: [Int]
  /// Per source, its dataset.
  private let places: [Int]
  private let path: String
  /// All numbers are below this.
  let bound: Int

  /// - Parameter sources: Several may be the same dataset.
  /// - Throws: `.invalidArgument` when there are more files than numbers.
  init(_ sources: [any ChunkedDataset], path: String) throws(StoreError) {
    var datasets: [any ChunkedDataset] = []
    var firsts: [Int] = []
    var places: [Int] = []
    var known: [ObjectIdentifier: Int] = [:]
    var bound = 0
    for source in sources {
      if let place = known[ObjectIdentifier(source)] {
        places.append(place)
        continue
      }
      known[ObjectIdentifier(source)] = datasets.count
      places.append(datasets.count)
      datasets.append(source)
      firsts.append(bound)
      let (sum, overflow) = bound.addingReportingOverflow(max(1, source.fileNumberBound))
      guard !overflow else { throw StoreError(.invalidArgument, "is made from too many datasets", path: path) }
      bound = sum
    }
    self.datasets = datasets
    self.firsts = firsts
    self.places = places
    self.path = path
    self.bound = bound
  }

  /// A source's extent under the common numbering.
  func extent(_ extent: StoredExtent, ofSource source: Int) -> StoredExtent {
    StoredExtent(file: firsts[places[source]] + extent.file, offset: extent.offset, byteCount: extent.byteCount)
  }

  func read(_ extent: StoredExtent, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError) {
    guard let (dataset, own) = owner(of: extent) else {
      throw StoreError(.internalFault, "no source has file \(extent.file)", path: path)
    }
    try dataset.read(own, into: buffer)
  }

  func willRead(_ extent: StoredExtent) {
    guard let (dataset, own) = owner(of: extent) else { return }  // a hint; reading tells what is wrong
    dataset.willRead(own)
  }

  func finishReading() throws(StoreError) {
    for dataset in datasets { try dataset.finishReading() }
  }

  private func owner(of extent: StoredExtent) -> (any ChunkedDataset, StoredExtent)? {
    guard extent.file >= 0, extent.file < bound else { return nil }
    let place = firsts.countOfPrefix { $0 <= extent.file } - 1
    return (
      datasets[place],
      StoredExtent(file: extent.file - firsts[place], offset: extent.offset, byteCount: extent.byteCount)
    )
  }
}

extension RandomAccessCollection where Index == Int {
  /// How many elements come before the first one that `isInPrefix` refuses; those it takes all come first.
  ///
  /// - Complexity: O(log count).
  func countOfPrefix(_ isInPrefix: (Element) -> Bool) -> Int {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = low + (high - low) / 2
      if isInPrefix(self[middle]) { low = middle + 1 } else { high = middle }
    }
    return low - startIndex
  }
}
