// Which HDF5 library this machine has, found without linking to it.

import Glibc

enum HDF5Library {
  private static let names = [
    "libhdf5_openmpi.so.103", "libhdf5_openmpi.so", "libhdf5.so.310", "libhdf5.so.200", "libhdf5.so.103", "libhdf5.so",
  ]

  /// The name and version of the first library that can be loaded; nil without one. Wraps `H5get_libversion`.
  static func find() -> (name: String, version: String)? {
    for name in names {
      // Never closed again: the parallel library leaves a callback in MPI that runs when MPI is finished.
      guard let library = dlopen(name, RTLD_LAZY | RTLD_LOCAL) else { continue }
      guard let symbol = dlsym(library, "H5get_libversion") else { continue }
      typealias Function = @convention(c) (UnsafeMutablePointer<UInt32>, UnsafeMutablePointer<UInt32>, UnsafeMutablePointer<UInt32>) -> Int32
      // The C function's type as HDF5's manual gives it.
      let version = unsafeBitCast(symbol, to: Function.self)
      var (major, minor, release): (UInt32, UInt32, UInt32) = (0, 0, 0)
      guard version(&major, &minor, &release) >= 0 else { continue }
      return (name, "\(major).\(minor).\(release)")
    }
    return nil
  }
}
