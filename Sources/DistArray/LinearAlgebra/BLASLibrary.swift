// The matrix products of OpenBLAS, found when the first product of floating-point matrices is made: loading it takes
// longer than most commands (Docs/Decisions/0009).

import DAStore
import Glibc

/// OpenBLAS's products by their C names, with the types that CBLAS gives them.
struct BLASLibrary: Sendable {
  // Order, two transpositions, extents, factor, matrices with the distance of their rows, factor of what is there.
  typealias FloatProduct =
    @convention(c) (
      Int32, Int32, Int32, Int32, Int32, Int32, Float, UnsafeRawPointer?, Int32, UnsafeRawPointer?, Int32, Float,
      UnsafeMutableRawPointer?, Int32
    ) -> Void
  typealias DoubleProduct =
    @convention(c) (
      Int32, Int32, Int32, Int32, Int32, Int32, Double, UnsafeRawPointer?, Int32, UnsafeRawPointer?, Int32, Double,
      UnsafeMutableRawPointer?, Int32
    ) -> Void
  // Complex factors are passed by their addresses.
  typealias ComplexProduct =
    @convention(c) (
      Int32, Int32, Int32, Int32, Int32, Int32, UnsafeRawPointer?, UnsafeRawPointer?, Int32, UnsafeRawPointer?, Int32,
      UnsafeRawPointer?, UnsafeMutableRawPointer?, Int32
    ) -> Void

  let float: FloatProduct
  let double: DoubleProduct
  let complexFloat: ComplexProduct
  let complexDouble: ComplexProduct

  private static let loaded = Result { () throws(StoreError) in try BLASLibrary() }

  /// - Throws: `.unsupported` when OpenBLAS is not installed.
  static func load() throws(StoreError) -> BLASLibrary { try loaded.get() }

  private init() throws(StoreError) {
    // Never closed: it is needed until the process ends.
    guard let library = dlopen("libopenblas.so.0", RTLD_LAZY | RTLD_LOCAL) else {
      throw StoreError(
        .unsupported,
        "products of floating-point matrices need the OpenBLAS library, which is not installed (on Debian: "
          + "libopenblas0-serial)")
    }
    /// The C function of a name, as the type of where it goes.
    func function<F>(_ name: String) throws(StoreError) -> F {
      guard let symbol = dlsym(library, name) else {
        throw StoreError(.unsupported, "this OpenBLAS library has no function \(name); install OpenBLAS 0.3 or newer")
      }
      return unsafeBitCast(symbol, to: F.self)
    }
    float = try function("cblas_sgemm")
    double = try function("cblas_dgemm")
    complexFloat = try function("cblas_cgemm")
    complexDouble = try function("cblas_zgemm")
    // Ranks are what runs in parallel. Builds without threads ignore it.
    let setThreadCount: @convention(c) (Int32) -> Void = try function("openblas_set_num_threads")
    setThreadCount(1)
  }
}
