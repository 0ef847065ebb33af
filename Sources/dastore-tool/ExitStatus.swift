// What the program's exit status says, and which failures mean which.

import DAStore
import Glibc

struct ExitStatus: Equatable {
  let code: Int32

  static let done = ExitStatus(code: 0)
  /// The answer is "no": arrays differ, a file is damaged.
  static let no = ExitStatus(code: 1)
  static let wrongUsage = ExitStatus(code: 2)
  static let couldNotReadOrWrite = ExitStatus(code: 3)
  static let refused = ExitStatus(code: 4)
  static let bug = ExitStatus(code: 70)

  /// As a shell reports a program that a signal ended.
  static func interrupted(by signal: Int32) -> ExitStatus { ExitStatus(code: 128 + signal) }

  init(code: Int32) { self.code = code }

  init(_ error: StoreError) {
    self =
      switch error.code {
      case .invalidArgument, .unsupportedDType, .functionFailed: .wrongUsage
      case .notFound, .corrupt, .truncated, .unsupported, .io, .messagePassing: .couldNotReadOrWrite
      case .alreadyExists, .memory, .locked: .refused
      case .interrupted: .interrupted(by: Interrupt.signal ?? SIGINT)
      case .internalFault: .bug
      }
  }
}
