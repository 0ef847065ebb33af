// temporary, until the mp branch lands
public struct MPIError: Error, Sendable {}
public protocol AgreeableError: Error, Sendable {
  init(messagePassing error: MPIError)
  init(peerBytes: [UInt8], rank: Int)
  var peerBytes: [UInt8] { get }
}
