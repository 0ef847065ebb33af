// Removing and renaming files so that the change survives a loss of power.

import Glibc

/// Wraps `unlink(2)`.
func removeFile(_ path: String) throws(StoreError) {
  guard unlink(path) == 0 else { throw StoreError(systemErrno: errno, "cannot be removed", path: path) }
}

/// Wraps `rename(2)`.
func renameFile(_ source: String, _ target: String) throws(StoreError) {
  guard rename(source, target) == 0 else { throw StoreError(systemErrno: errno, "cannot take its place", path: target) }
}

/// Makes names that changed in a directory durable. Wraps `fsync(2)`.
func synchronizeDirectory(_ path: String) throws(StoreError) {
  let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  guard descriptor >= 0 else { throw StoreError(systemErrno: errno, "cannot be opened", path: path) }
  defer { close(descriptor) }
  // Some file systems refuse this for directories; their renames are then as durable as they can be.
  guard fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP else {
    throw StoreError(systemErrno: errno, "names could not be made durable", path: path)
  }
}
