// Removing and renaming the files of a set.

import CLinux
import Glibc

/// Wraps `unlink(2)`.
func removeFile(_ path: String) throws(StoreError) {
  guard unlink(path) == 0 else { throw StoreError(errno: errno, "cannot be removed", path: path) }
}

/// Gives a file another name. Wraps `rename(2)` and `renameat2(2)`.
///
/// - Parameter replacing: Whether a file of that name may be replaced.
func renameFile(_ source: String, _ target: String, replacing: Bool) throws(StoreError) {
  var failed = (replacing ? rename(source, target) : clinux_rename_noreplace(source, target)) != 0
  if failed, errno == EINVAL, !replacing {
    // File systems without that flag: link(2) also refuses an existing name.
    failed = link(source, target) != 0 || unlink(source) != 0
  }
  guard !failed else { throw StoreError(errno: errno, "cannot get its name", path: target) }
}
