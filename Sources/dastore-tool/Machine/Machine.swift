// What the kernel says of this machine and this process: memory and cores.

import Glibc

enum Machine {
  /// Bytes of memory this process may use: the machine's, or its container's limit where that is lower.
  static var memoryByteCount: Int {
    let pages = sysconf(Int32(_SC_PHYS_PAGES))
    let physical = max(1, pages) * sysconf(Int32(_SC_PAGESIZE))
    let limits = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
      .compactMap { text(ofFile: $0).flatMap { Int($0.prefix { $0.isNumber }) } }
    return limits.filter { $0 > 0 }.reduce(physical, min)
  }

  /// Processors this process may run on.
  static var coreCount: Int {
    let mask = status("Cpus_allowed:")?.filter { $0 != "," } ?? ""
    let count = mask.reduce(0) { $0 + ($1.hexDigitValue ?? 0).nonzeroBitCount }
    return count > 0 ? count : max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  }

  /// Most bytes of memory that this process has ever occupied.
  ///
  /// The kernel's `VmHWM` counts this program alone; `getrusage` also remembers the program that started it.
  static var peakResidentByteCount: Int {
    let kibibytes = status("VmHWM:").flatMap { Int($0.prefix { $0.isNumber }) }
    return (kibibytes ?? 0) * 1024
  }

  /// What the kernel says of this process under a key of `/proc/self/status`.
  private static func status(_ key: String) -> String? {
    let lines = (text(ofFile: "/proc/self/status") ?? "").split(separator: "\n")
    return lines.first { $0.hasPrefix(key) }?.dropFirst(key.count).trimming(" \t")
  }

  /// A text file of the kernel, up to its first MiB; nil when it is not there.
  static func text(ofFile path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while bytes.count < 1 << 20 {
      let count = read(descriptor, &buffer, buffer.count)
      guard count > 0 else { return count == 0 ? String(decoding: bytes, as: UTF8.self) : nil }
      bytes += buffer[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
