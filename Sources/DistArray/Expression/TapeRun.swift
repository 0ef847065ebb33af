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

  /// Lays the parts out in `memory`, which has `byteCount` bytes at an address divisible by 64.
  func parts(
    in memory: UnsafeMutableRawPointer
  ) -> (registers: [UnsafeMutableRawPointer], tiles: [UnsafeMutableRawPointer], numbers: [UnsafeMutableRawPointer]) {
    var place = memory
    func take(_ byteCount: Int) -> UnsafeMutableRawPointer {
      defer { place += byteCount }
      return place
    }
    let registers = (0..<tape.registerCount).map { _ in take(registerByteCount) }
    let tiles = tape.sources.map { take(TileWalk.tileElementCount * $0.dtype.byteCount) }
    let numbers = tape.numbers.map { _ in take(16) }
    return (registers, tiles, numbers)
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
  ///   - destination: Receives the elements, dense, in C order.
  ///   - memory: As ``TapeMemory`` says.
  /// - Throws: What a step throws.
  func run(
    _ block: Region, operands: [Operand], into destination: UnsafeMutableRawPointer, memory: UnsafeMutableRawPointer
  ) throws(StoreError) {
    let blockShape = block.shape
    if case .source(let index) = result {
      let size = dtype.byteCount
      copyBox(
        shape: blockShape, elementByteCount: size, from: operands[index].elements,
        sourceStrides: operands[index].strides.map { $0 * size }, to: destination,
        destinationStrides: rowMajorStrides(blockShape, elementByteCount: size))
      return
    }
    let walk = TileWalk(shape: blockShape, strides: operands.map(\.strides))
    let parts = TapeMemory(self).parts(in: memory)
    for (place, value) in zip(parts.numbers, numbers) {
      value.bytes.withUnsafeBytes {
        place.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(place), byteCount: $0.count)
      }
    }
    var singles: Set<Int> = []
    var calls: [StepCall] = []
    for step in steps {
      var call = StepCall(step, tape: self, walk: walk, operands: operands, parts: parts, singles: singles)
      if step.isSingle {
        if call.run(count: 1) != nil { throw step.loop.refusal(at: "a single element") }
        singles.formUnion(step.outputs)
      } else {
        calls.append(call)
        singles.subtract(step.outputs)
      }
    }
    let size = dtype.byteCount
    // The expression's own step comes last, and writes where the result belongs.
    guard case .register(let register) = result, let last = calls.indices.last, !singles.contains(register),
      let resultPosition = steps[steps.count - 1].outputs.firstIndex(of: register)
    else {
      return fill(destination, count: blockShape.reduce(1, *), parts: parts)
    }
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
      calls[last].setOutput(resultPosition, destination + first * size)
      for index in calls.indices {
        guard let failed = calls[index].run(count: count, offsets: offsets) else { continue }
        let position = zip(block.lower, rowMajorPosition(of: first + failed, in: blockShape)).map { $0 + $1 }
        throw calls[index].loop.refusal(at: "the element at \(shapeText(position))")
      }
    }
  }

  /// A result that is one element, or a number: repeated.
  private func fill(
    _ destination: UnsafeMutableRawPointer, count: Int,
    parts: (registers: [UnsafeMutableRawPointer], tiles: [UnsafeMutableRawPointer], numbers: [UnsafeMutableRawPointer])
  ) {
    let element: UnsafeMutableRawPointer
    switch result {
    case .register(let register): element = parts.registers[register]
    case .number(let number): element = parts.numbers[number]
    case .source: return
    }
    ElementValue(dtype: dtype, littleEndian: UnsafeRawBufferPointer(start: element, count: dtype.byteCount))
      .fill(UnsafeMutableRawBufferPointer(start: destination, count: count * dtype.byteCount))
  }
}

/// One step with the addresses of its operands; those of contiguous sources move from tile to tile.
private struct StepCall {
  let loop: UfuncLoop
  private var inputs: [UfuncInput] = []
  private var outputs: [UnsafeMutableRawPointer] = []
  /// Inputs that move: position among the inputs, source, address of its first element, bytes per element.
  private var moving: [(position: Int, source: Int, elements: UnsafeRawPointer, elementByteCount: Int)] = []

  init(
    _ step: Tape.Step, tape: Tape, walk: TileWalk, operands: [Tape.Operand],
    parts: (registers: [UnsafeMutableRawPointer], tiles: [UnsafeMutableRawPointer], numbers: [UnsafeMutableRawPointer]),
    singles: Set<Int>
  ) {
    loop = step.loop
    outputs = step.outputs.map { parts.registers[$0] }
    for (position, place) in step.inputs.enumerated() {
      switch place {
      case .number(let number): inputs.append(UfuncInput(parts.numbers[number], isSingle: true))
      case .register(let register):
        inputs.append(UfuncInput(parts.registers[register], isSingle: singles.contains(register)))
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

  mutating func setOutput(_ position: Int, _ target: UnsafeMutableRawPointer) { outputs[position] = target }

  /// Computes a tile; the position in it of an element that cannot be computed.
  mutating func run(count: Int, offsets: [Int] = []) -> Int? {
    for move in moving {
      inputs[move.position].elements = move.elements + offsets[move.source] * move.elementByteCount
    }
    return loop.firstFailure(count: count, inputs: inputs, outputs: outputs)
  }
}
