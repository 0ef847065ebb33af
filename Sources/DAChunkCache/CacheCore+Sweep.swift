// Sweeping: a stream of chunks in a given order, read in rounds while the rounds before are worked on.

import DAStore

extension CacheCore {
  /// Streams chunks through the cache like any other use of them.
  func sweepKeeping<Chunks: Collection<Int>>(
    _ dataset: any ChunkedDataset, _ chunks: Chunks, prefetch: ([Int]) -> Void,
    _ body: (Int, UnsafeRawBufferPointer) throws(StoreError) -> Void
  ) throws(StoreError) {
    // Two rounds are in memory at once, this one and the next, and they should not be all of it.
    let limit = max(1, min(options.largestMergedRead, capacity / 4))
    var former = RoundFormer(chunks, dataset.description, limit: limit, countsPages: true, path: dataset.path)
    var round = try former.next()
    while let numbers = round {
      let pins: [PinnedChunk]
      do throws(StoreError) {
        pins = try pin(dataset, numbers)
      } catch {
        guard error.code == .memory, numbers.count > 1 else { throw error }
        pins = []
      }
      let following = try former.next()
      if let following { prefetch(following) }
      for pin in pins { try body(pin.number, pin.bytes) }
      // Where others have pinned so much that a round does not fit, chunks may still fit one at a time.
      if pins.isEmpty {
        for number in numbers {
          let pin = try pinOne(dataset, number)
          try body(number, pin.bytes)
        }
      }
      round = following
    }
  }

  /// Streams chunks past the cache: what is cached is used, what is not passes through buffers that are reused at once.
  func sweepScanning<Chunks: Collection<Int>>(
    _ dataset: any ChunkedDataset, _ chunks: Chunks, on workers: WorkerThreads,
    _ body: (Int, UnsafeRawBufferPointer) throws(StoreError) -> Void
  ) throws(StoreError) {
    let description = dataset.description
    var former = RoundFormer(chunks, description, limit: scanRoundByteCount, countsPages: false, path: dataset.path)
    let bufferByteCount = max(scanRoundByteCount, description.largestChunkByteCount)
    // Buffers return to the end of this list, so that the next round finds the one that is warm in the processor.
    var spare: [PooledBuffer] = []
    var rounds: [ScanRound] = []
    var pace = ReadPace()
    var stream = FileStream()
    defer { for round in rounds { withdraw(round) } }
    while true {
      let ahead = workers.count > 0 ? workers.count : pace.isSlow ? options.roundsAnnounced : 0
      while rounds.count <= ahead, let numbers = try former.next() {
        let round = ScanRound(numbers)
        if workers.count == 0 && pace.isSlow { announce(dataset, round, &stream) } else { stream = FileStream() }
        rounds.append(round)
      }
      if workers.count > 0 {
        for round in rounds where round.buffer == nil {
          // Only the round in hand is worth failing for; the others are hints, so that a refusal is no error.
          guard let buffer = spare.popLast() ?? (try? lease(bufferByteCount, for: "a round ahead", isAhead: true))
          else { break }
          prepare(round, of: dataset, description, buffer)
          workers.submit { self.read(round, of: dataset, isAhead: true) }
        }
      }
      guard let round = rounds.first else { return }
      if round.buffer == nil {
        let buffer: PooledBuffer
        if let warm = spare.popLast() {
          buffer = warm
        } else {
          buffer = try lease(bufferByteCount, for: "a round of a scan")
        }
        prepare(round, of: dataset, description, buffer)
      }
      let isAlone = workers.count == 0
      let began = isAlone ? now() : 0
      if monitor.withLock({ _ in round.take() }) {
        perform(round, of: dataset, isAhead: false)
      } else {
        monitor.wait { _ in round.phase == .done ? true : nil }
      }
      if isAlone {
        pace.note(nanoseconds: now() - began, byteCount: round.targets.reduce(0) { $0 + $1.destination.count })
      }
      for (index, number) in round.numbers.enumerated() {
        switch round.sources[index] {
        case .cached(let pin): try body(number, pin.bytes)
        case .coming(let chunk):
          let pin = try pin(chunk, of: dataset)
          try body(number, pin.bytes)
        case .failed(let error): throw error
        case .own(let position):
          if let error = round.errors[position] { throw error }
          try body(number, UnsafeRawBufferPointer(round.targets[position].destination))
        }
      }
      rounds.removeFirst()
      if let buffer = round.strip() { spare.append(buffer) }
    }
  }
}
