// Calls of Linux that glibc declares only under _GNU_SOURCE, which Swift's Glibc module does not set.
#ifndef DASTORE_CLINUX_SHIM_H
#define DASTORE_CLINUX_SHIM_H
#include <fcntl.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

// renameat2(2) with RENAME_NOREPLACE, relative to the current directory.
static inline int clinux_rename_noreplace(const char *from, const char *to) {
  return (int)syscall(SYS_renameat2, -100 /* AT_FDCWD */, from, -100, to, 1u /* RENAME_NOREPLACE */);
}

// sync_file_range(2) with SYNC_FILE_RANGE_WRITE: begin writing dirty pages, wait for nothing.
static inline int clinux_start_writeback(int descriptor, int64_t offset, int64_t count) {
  return (int)syscall(SYS_sync_file_range, descriptor, offset, count, 2u /* SYNC_FILE_RANGE_WRITE */);
}

// open(2) with O_DIRECT for writing: past the page cache. The kernel's number of the flag differs between processors.
static inline int clinux_open_direct(const char *path) {
#if defined(__aarch64__) || defined(__arm__)
  return open(path, O_WRONLY | O_CLOEXEC | 0200000);
#else
  return open(path, O_WRONLY | O_CLOEXEC | 040000);
#endif
}
#endif
