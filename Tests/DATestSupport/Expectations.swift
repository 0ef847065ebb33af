// Checks that throw, so that the same test body runs under swift-testing and in a program under mpirun.

import DAStore
import MessagePassing

/// A check that failed, on this rank or another.
public struct ExpectationFailure: AgreeableError, CustomStringConvertible {
  public var description: String
  public init(_ description: String) { self.description = description }
  public init(messagePassing error: MPIError) { description = "message passing failed: \(error)" }
  public init(peerBytes: [UInt8], rank: Int) {
    description = String(decoding: peerBytes, as: UTF8.self) + " (on rank \(rank))"
  }
  public var peerBytes: [UInt8] { Array(description.utf8) }
}

/// Fails unless `condition` holds.
public func expectTrue(_ condition: Bool, _ what: @autoclosure () -> String) throws(ExpectationFailure) {
  if !condition { throw ExpectationFailure(what()) }
}

/// Fails unless the two are equal.
public func expectEqual<Value: Equatable>(
  _ found: Value, _ expected: Value, _ what: @autoclosure () -> String
) throws(ExpectationFailure) {
  if found != expected { throw ExpectationFailure("\(what()): expected \(expected), found \(found)") }
}

/// Fails unless `body` throws a `StoreError` of this kind, and one that says something.
@discardableResult
public func expectError<Value>(
  _ codes: StoreError.Code..., in what: @autoclosure () -> String, _ body: () throws -> Value
) throws(ExpectationFailure) -> StoreError {
  do {
    _ = try body()
  } catch let error as StoreError {
    if !codes.contains(error.code) || error.message.isEmpty || error.description.contains("\n") {
      throw ExpectationFailure("\(what()): expected \(codes.map(\.rawValue)), found \(error.code): \(error)")
    }
    return error
  } catch {
    throw ExpectationFailure("\(what()): expected \(codes.map(\.rawValue)), found \(error)")
  }
  throw ExpectationFailure("\(what()): expected \(codes.map(\.rawValue)), but nothing was thrown")
}

extension Communicator {
  /// Runs checks that belong to this rank alone; when one fails anywhere, all ranks fail, and none is left waiting.
  public func together(_ checks: () throws -> Void) throws(ExpectationFailure) {
    let result: Result<Void, ExpectationFailure>
    do {
      result = .success(try checks())
    } catch let error as ExpectationFailure {
      result = .failure(error)
    } catch {
      result = .failure(ExpectationFailure("unexpected error: \(error)"))
    }
    try agree(result)
  }
}
