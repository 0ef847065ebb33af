// New arrays that nobody stored: constants, diagonals, functions of the index, and arrays like others.

import DAStore

extension Context {
  /// An array that is computed from indices; a shape that cannot be is remembered.
  func computed(_ elements: any ComputedElements, shape: [Int], name: String) -> DistArray {
    DistArray(
      Result { () throws(StoreError) in Expression(try ComputedDataset(elements, shape: shape, name: name)) },
      context: self)
  }

  /// Zeros. NumPy's `zeros`. Takes no memory. Local.
  public func zeros(_ shape: [Int], dtype: DType = .float64) -> DistArray {
    computed(ConstantElements(value: ElementValue(zero: dtype)), shape: shape, name: "zeros")
  }

  /// Ones. NumPy's `ones`. Takes no memory. Local.
  public func ones(_ shape: [Int], dtype: DType = .float64) -> DistArray { full(shape, 1, dtype: dtype) }

  /// The same as ``zeros(_:dtype:)``: arrays here are not written in place, so that nothing would be won by leaving
  /// elements undefined. NumPy's `empty`. Local.
  public func empty(_ shape: [Int], dtype: DType = .float64) -> DistArray { zeros(shape, dtype: dtype) }

  /// A number everywhere, or an array broadcast to the shape. NumPy's `full`. Local.
  ///
  /// - Parameter dtype: By default what the number is alone: int64, float64, bool or complex128. A number that the type
  ///   does not hold (300 or NaN as uint8) is an error, of an array elements are converted as `astype` does.
  public func full(_ shape: [Int], _ value: some ArrayOperand, dtype: DType? = nil) -> DistArray {
    let operand: Operand
    switch value.operand {
    case .array(let array):
      let converted = dtype.map { array.astype($0) } ?? array
      return DistArray(converted.broadcast(to: shape).result, context: self)
    case .int(let value): operand = .weakInt(Int128(value))
    case .double(let value): operand = .weakFloat(value)
    case .bool(let value): operand = .weakBool(value)
    case .complex(let real, let imaginary): operand = .weakComplex(real: real, imaginary: imaginary)
    }
    do throws(StoreError) {
      return computed(ConstantElements(value: try operand.value(as: dtype)), shape: shape, name: "full")
    } catch {
      return DistArray(.failure(error), context: self)
    }
  }

  /// Ones on a diagonal of a matrix, zeros elsewhere. NumPy's `eye`. Local.
  ///
  /// - Parameters:
  ///   - columnCount: As many as rows when not given.
  ///   - diagonal: 0 is the main diagonal, positive ones lie above it.
  public func eye(
    _ rowCount: Int, _ columnCount: Int? = nil, diagonal: Int = 0, dtype: DType = .float64
  ) -> DistArray {
    let columns = columnCount ?? rowCount
    do throws(StoreError) {
      let one = try Operand.weakInt(1).value(as: dtype)
      // Nothing is asked of a matrix without columns.
      return computed(
        DiagonalElements(columnCount: max(1, columns), diagonal: diagonal, one: one), shape: [rowCount, columns],
        name: "eye")
    } catch {
      return DistArray(.failure(error), context: self)
    }
  }

  /// What a function says of each global index. NumPy's `fromfunction`, one element at a time. Local.
  ///
  /// - Parameter body: Gives the same element for an index whenever and wherever it is asked, which helper threads do
  ///   at once; its type is the array's. It is called for an index as often as passes need the element.
  public func fromFunction<E: Element>(_ shape: [Int], _ body: @escaping @Sendable ([Int]) -> E) -> DistArray {
    computed(FunctionElements(shape: shape, body: body), shape: shape, name: "function")
  }

  /// Elements in C order, the same on every rank, given as their little-endian bytes; copied. Local.
  ///
  /// - Throws: `.invalidArgument` when the shape does not hold just these bytes.
  public func array(bytes: UnsafeRawBufferPointer, shape: [Int], dtype: DType) throws(StoreError) -> DistArray {
    array(try MemoryDataset(shape: shape, dtype: dtype, bytes: Array(bytes)))
  }
}

// Arrays with the shape, and if no type is named the element type, of another.
extension Context {
  /// NumPy's `zeros_like`. Local.
  public func zeros(like array: DistArray, dtype: DType? = nil) -> DistArray {
    like(array, dtype) { zeros($0, dtype: $1) }
  }

  /// NumPy's `ones_like`. Local.
  public func ones(like array: DistArray, dtype: DType? = nil) -> DistArray {
    like(array, dtype) { ones($0, dtype: $1) }
  }

  /// NumPy's `empty_like`: zeros. Local.
  public func empty(like array: DistArray, dtype: DType? = nil) -> DistArray { zeros(like: array, dtype: dtype) }

  /// NumPy's `full_like`; but a number that the type does not hold is an error. Local.
  public func full(like array: DistArray, _ value: some ArrayOperand, dtype: DType? = nil) -> DistArray {
    like(array, dtype) { full($0, value, dtype: $1) }
  }

  private func like(_ array: DistArray, _ dtype: DType?, _ make: ([Int], DType) -> DistArray) -> DistArray {
    switch array.result {
    case .success(let expression): make(expression.shape, dtype ?? expression.dtype)
    case .failure: array
    }
  }
}

extension DistArray.Operand: ArrayOperand {
  public var operand: DistArray.Operand { self }
}

extension Operand {
  /// A number as an element of a type, or of its own.
  ///
  /// - Throws: `.invalidArgument` when the type does not hold the number; fractions are cut off.
  func value(as wanted: DType?) throws(StoreError) -> ElementValue {
    let own = try dtype(beside: nil)
    if let wanted, wanted.isInteger, case .weakInt = self {
      // Tells the type's range.
      return try element(as: wanted) ?? ElementValue(zero: wanted)
    }
    guard let value = try element(as: own) else {
      throw StoreError(.internalFault, "a number that is an array")
    }
    guard let wanted, wanted != own else { return value }
    var bytes = [UInt8](repeating: 0, count: wanted.byteCount)
    let stopped = value.bytes.withUnsafeBytes { input in
      bytes.withUnsafeMutableBytes { castElements(from: own, input, to: wanted, $0) }
    }
    guard stopped == nil else {
      throw StoreError(.invalidArgument, "\(self) has no value in \(wanted.name)")
    }
    return bytes.withUnsafeBytes { ElementValue(dtype: wanted, littleEndian: $0) }
  }
}
