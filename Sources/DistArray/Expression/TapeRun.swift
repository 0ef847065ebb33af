// Running a tape over one block: the only place where an expression's steps meet memory.

import DAStore

/// Memory for running a tape: registers, and tiles of operands whose elements do not lie side by side.
struct TapeMemory {
  let byteCount: Int
  private let registerByteCount: Int
  private let tape: Tape

  init(_ tape: Tape) {
    self.tape = tape
    registerByteCount = TileWalk.tileElementCount * tape.registerElementByteCount
    byteCount =
      tape.registerCount * registerByteCount
      + tape.sources.reduce(0) { $0 + TileWalk.tileElementCount * $1.dtype.byteCount } + tape.numbers.count * 16
  }

  struct Parts {
    var registers: [UnsafeMutableRawPointer]
    var tiles: [UnsafeMutableRawPointer]
    var numbers: [UnsafeMutableRawPointer]
  }

  /// Lays the parts out in `memory`, which has `byteCount` bytes at an address divisible by 64.
  func parts(in memory: UnsafeMutableRawPointer) -> Parts {
    var place = memory
    func take(_ byteCount: Int) -> UnsafeMutableRawPointer {
      defer { place += byteCount }
      return place
    }
    let registers = (0..<tape.registerCount).map { _ in take(registerByteCount) }
    let tiles = tape.sources.map { take(TileWalk.tileElementCount * $0.dtype.byteCount) }
    let numbers = tape.numbers.map { _ in take(16) }
    return Parts(registers: registers, tiles: tiles, numbers: numbers)
  }
}

extension Tape {
  /// A source's elements for a block.
  struct Operand {
    /// Dense elements of the source's box.
    var elements: UnsafeRawPointer
    /// Per axis of the block, in elements.
    var strides: [Int]
  }

  /// Computes a block.
  ///
  /// - Parameters:
  ///   - block: Which elements; not empty.
  ///   - operands: One per source, aligned for their elements.
  ///   - destinations: One per expression, aligned: receive its elements, dense, in C order. Expressions that are found
  ///     in the same place share one.
  ///   - memory: As ``TapeMemory`` says.
  /// - Throws: What a step throws.
  func run(
    _ block: Region, operands: [Operand], into destinations: [UnsafeMutableRawPointer], memory: UnsafeMutableRawPointer
  ) throws(StoreError) {
    let walk = TileWalk(shape: block.shape, strides: operands.map(\.strides))
    var parts = TapeMemory(self).parts(in: memory)
    for (place, value) in zip(parts.numbers, numbers) {
      value.bytes.withUnsafeBytes {
        place.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(place), byteCount: $0.count)
      }
    }
    /// Registers that are parts of destinations, and move with the tile: bytes per element.
    var moving: [Int: Int] = [:]
    for (index, place) in results.enumerated() {
      guard case .register(let register) = place,
        let step = steps.first(where: { $0.outputs.contains(register) }), !step.isSingle
      else { continue }
      parts.registers[register] = destinations[index]
      moving[register] = dtypes[index].byteCount
    }
    var singles: Set<Int> = []
    var calls: [StepCall] = []
    for step in steps {
      var call = StepCall(
        step, tape: self, walk: walk, operands: operands, parts: parts, singles: singles, moving: moving)
      if step.isSingle {
        if call.run(count: 1) != nil { throw step.loop.refusal(at: "a single element") }
        singles.formUnion(step.outputs)
      } else {
        calls.append(call)
        singles.subtract(step.outputs)
      }
    }
    for (index, place) in results.enumerated() {
      give(place, dtypes[index], block.shape, operands, parts, isComputed: moving, to: destinations[index])
    }
    if calls.isEmpty { return }
    try walk.forEachTile { rows, offsets, first throws(StoreError) in
      let count = rows * walk.rowElementCount
      for index in operands.indices where walk.layouts[index] == .strided {
        let elementByteCount = sources[index].dtype.byteCount
        let shape = walk.tileShape(rows: rows)
        copyBox(
          shape: shape, elementByteCount: elementByteCount,
          from: operands[index].elements + offsets[index] * elementByteCount,
          sourceStrides: walk.strides[index][walk.splitAxis...].map { $0 * elementByteCount }, to: parts.tiles[index],
          destinationStrides: rowMajorStrides(shape, elementByteCount: elementByteCount))
      }
      for index in calls.indices {
        guard let failed = calls[index].run(count: count, offsets: offsets, first: first) else { continue }
        let position = zip(block.lower, rowMajorPosition(of: first + failed, in: block.shape)).map { $0 + $1 }
        throw calls[index].loop.refusal(at: "the element at \(shapeText(position))")
      }
    }
  }

  /// Gives a result that no tile computes: a source's elements, or one element everywhere.
  private func give(
    _ place: Place, _ dtype: DType, _ shape: [Int], _ operands: [Operand], _ parts: TapeMemory.Parts,
    isComputed moving: [Int: Int], to destination: UnsafeMutableRawPointer
  ) {
    let size = dtype.byteCount
    let element: UnsafeMutableRawPointer
    switch place {
    case .source(let index):
      return copyBox(
        shape: shape, elementByteCount: size, from: operands[index].elements,
        sourceStrides: operands[index].strides.map { $0 * size }, to: destination,
        destinationStrides: rowMajorStrides(shape, elementByteCount: size))
    case .register(let register):
      if moving[register] != nil { return }
      element = parts.registers[register]
    case .number(let number): element = parts.numbers[number]
    }
    ElementValue(dtype: dtype, littleEndian: UnsafeRawBufferPointer(start: element, count: size))
      .fill(UnsafeMutableRawBufferPointer(start: destination, count: shape.reduce(size, *)))
  }
}

/// One step with the addresses of its operands; those of contiguous sources and of results move from tile to tile.
private struct StepCall {
  let loop: UfuncLoop
  private var inputs: [UfuncInput] = []
  private var outputs: [UnsafeMutableRawPointer] = []
  /// Inputs that move: position among the inputs, source (`nil` for what moves with the tile), address of its first
  /// element, bytes per element.
  private var moving: [(position: Int, source: Int?, elements: UnsafeRawPointer, elementByteCount: Int)] = []
  /// Outputs that move with the tile.
  private var given: [(position: Int, elements: UnsafeMutableRawPointer, elementByteCount: Int)] = []

  init(
    _ step: Tape.Step, tape: Tape, walk: TileWalk, operands: [Tape.Operand], parts: TapeMemory.Parts,
    singles: Set<Int>, moving given: [Int: Int]
  ) {
    loop = step.loop
    outputs = step.outputs.map { parts.registers[$0] }
    for (position, register) in step.outputs.enumerated() {
      guard let size = given[register] else { continue }
      self.given.append((position, parts.registers[register], size))
    }
    for (position, place) in step.inputs.enumerated() {
      switch place {
      case .number(let number): inputs.append(UfuncInput(parts.numbers[number], isSingle: true))
      case .register(let register):
        inputs.append(UfuncInput(parts.registers[register], isSingle: singles.contains(register)))
        if let size = given[register] {
          moving.append((position, nil, UnsafeRawPointer(parts.registers[register]), size))
        }
      case .source(let source):
        let elements = operands[source].elements
        switch walk.layouts[source] {
        case .single: inputs.append(UfuncInput(elements, isSingle: true))
        case .strided: inputs.append(UfuncInput(parts.tiles[source]))
        case .contiguous:
          inputs.append(UfuncInput(elements))
          moving.append((position, source, elements, tape.sources[source].dtype.byteCount))
        }
      }
    }
  }

  /// Computes a tile; the position in it of an element that cannot be computed.
  ///
  /// - Parameters:
  ///   - offsets: Per source, where its elements for the tile begin.
  ///   - first: The tile's first element in the block.
  mutating func run(count: Int, offsets: [Int] = [], first: Int = 0) -> Int? {
    for move in moving {
      let offset = if let source = move.source { offsets[source] } else { first }
      inputs[move.position].elements = move.elements + offset * move.elementByteCount
    }
    for output in given { outputs[output.position] = output.elements + first * output.elementByteCount }
    return loop.firstFailure(count: count, inputs: inputs, outputs: outputs)
  }
}
