// The product of two blocks in memory: by OpenBLAS for floating-point elements, by our own loops for all others.

import CKernels
import DAStore

/// Matrices whose rows are dense, `row` elements from one to the next.
struct MatrixPart {
  var elements: UnsafeRawPointer
  var row: Int
}

/// Adds products of blocks of one element type.
struct MatrixKernel {
  let dtype: DType
  private let blas: BLASLibrary?
  private let level: Int32

  /// - Parameter level: The highest instruction set that our own loops may use.
  /// - Throws: `.unsupported` when a library is missing; `.unsupportedDType` for float16, which is multiplied as
  ///   float32.
  init(_ dtype: DType, level: Int32 = Int32(CKERNELS_BEST)) throws(StoreError) {
    guard dtype != .float16 else { throw StoreError(.unsupportedDType, "float16 is multiplied as float32") }
    self.dtype = dtype
    self.level = level
    blas = dtype.isFloatingPoint || dtype.isComplex ? try BLASLibrary.load() : nil
  }

  /// c (rows × columns) += a (rows × inner) times b (inner × columns).
  ///
  /// Integers wrap; of truth values, whether some pair is true together.
  func add(
    _ a: MatrixPart, _ b: MatrixPart, to c: UnsafeMutableRawPointer, rows: Int, columns: Int, inner: Int
  ) {
    guard let blas else { return addWhole(a, b, to: c, rows: rows, columns: columns, inner: inner) }
    let (rowMajor, asItIs) = (Int32(101), Int32(111))
    let (m, n, k) = (Int32(rows), Int32(columns), Int32(inner))
    let (aRow, bRow) = (Int32(a.row), Int32(b.row))
    switch (dtype.isComplex, dtype.byteCount) {
    case (true, 8):
      withUnsafeBytes(of: StoredComplex<Float>(1, 0)) { one in
        blas.complexFloat(
          rowMajor, asItIs, asItIs, m, n, k, one.baseAddress, a.elements, aRow, b.elements, bRow, one.baseAddress, c, n)
      }
    case (true, _):
      withUnsafeBytes(of: StoredComplex<Double>(1, 0)) { one in
        blas.complexDouble(
          rowMajor, asItIs, asItIs, m, n, k, one.baseAddress, a.elements, aRow, b.elements, bRow, one.baseAddress, c, n)
      }
    case (false, 4):
      blas.float(rowMajor, asItIs, asItIs, m, n, k, 1, a.elements, aRow, b.elements, bRow, 1, c, n)
    case (false, _):
      blas.double(rowMajor, asItIs, asItIs, m, n, k, 1, a.elements, aRow, b.elements, bRow, 1, c, n)
    }
  }

  private func addWhole(
    _ a: MatrixPart, _ b: MatrixPart, to c: UnsafeMutableRawPointer, rows: Int, columns: Int, inner: Int
  ) {
    let product = ckernels_matmul(
      a: a.elements, b: b.elements, c: c, m: rows, n: columns, k: inner, a_row: a.row, b_row: b.row, c_row: columns)
    if dtype == .bool {
      ckernels_matmul_truths(product, level)
    } else {
      ckernels_matmul_integers(product, dtype.byteCount, level)
    }
  }
}
