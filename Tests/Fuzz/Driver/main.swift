// The fuzzer's program. Linked with libFuzzer it fuzzes one target; without it, it replays the files given.

import FuzzTargets
import Glibc

let arguments = CommandLine.arguments

/// One line for the person, past all buffers: the program may end at once.
func complain(_ message: String) {
  let line = Array((message + "\n").utf8)
  _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
}

func stop(_ message: String) -> Never {
  complain(message)
  exit(64)
}

/// Runs a target and ends the program with a signal when it breaks a promise, as libFuzzer expects.
func tryInput(_ bytes: [UInt8], _ target: FuzzTarget, _ folder: String) -> String {
  do {
    return try target.run(bytes, folder: folder)
  } catch {
    complain("finding in \(target.name): \(error)")
    abort()
  }
}

/// What libFuzzer's callback, which cannot capture, works on; set once before the first call.
enum Work {
  nonisolated(unsafe) static var target = FuzzTarget.all[0]
  /// libFuzzer ends the program by itself: the script that made the folder removes it.
  nonisolated(unsafe) static var folder = ""
}

if arguments.count == 2, arguments[1] == "--list" {
  for target in FuzzTarget.all { print(target.name, target.maximumByteCount) }
  exit(0)
}
guard let name = getenv("DASTORE_FUZZ_TARGET").map({ String(cString: $0) }), let target = FuzzTarget.named(name) else {
  stop("DASTORE_FUZZ_TARGET must be one of: \(FuzzTarget.all.map(\.name).joined(separator: ", "))")
}
if arguments.count == 3, arguments[1] == "--write-seeds" {
  for seed in try target.seeds() { try seed.save(in: arguments[2]) }
  exit(0)
}

/// `int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size))`.
typealias RunDriver =
  @convention(c) (
    UnsafeMutablePointer<CInt>, UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
  ) -> CInt

if let symbol = dlsym(nil, "LLVMFuzzerRunDriver") {
  guard let folder = getenv("DASTORE_FUZZ_FOLDER") else { stop("DASTORE_FUZZ_FOLDER must name an empty folder") }
  Work.target = target
  Work.folder = String(cString: folder)
  let run = unsafeBitCast(symbol, to: RunDriver.self)
  var count = CommandLine.argc
  var vector = CommandLine.unsafeArgv
  exit(
    run(&count, &vector) { data, size in
      _ = tryInput(Array(UnsafeBufferPointer(start: data, count: size)), Work.target, Work.folder)
      return 0
    })
}
try withScratchFolder { folder in
  for path in arguments.dropFirst() {
    for seed in try storedSeeds(at: path) { print("\(seed.name): \(tryInput(seed.bytes, target, folder))") }
  }
}
