// Errors that can travel from the rank where they happened to all the others. See `Communicator.agree`.

/// An error that `Communicator.agree` can carry between ranks.
///
/// Each library target's error type conforms, so that a failure on one rank becomes the same error on every rank.
public protocol AgreeableError: Error, Sendable {
  /// The error to throw when the agreement itself failed because message passing did.
  init(messagePassing error: MPIError)
  /// Rebuilds the error that `rank` sent as `peerBytes`; its text should name that rank.
  ///
  /// The bytes come from the same program, but must not be able to trap: anything unreadable becomes text.
  init(peerBytes: [UInt8], rank: Int)
  /// The error as bytes, for the other ranks.
  var peerBytes: [UInt8] { get }
}

extension MPIError: AgreeableError {
  public init(messagePassing error: MPIError) {
    self = error
  }

  // Bytes: code, class, first rank (−1: none), length of the call's name (four bytes each, little-endian), then the
  // name and the text in UTF-8.
  public var peerBytes: [UInt8] {
    let name = [UInt8](call.utf8)
    let numbers = [code, errorClass, Int32(clamping: rank ?? -1), Int32(clamping: name.count)]
    return numbers.flatMap { number in (0..<4).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) } } + name
      + Array(text.utf8)
  }

  /// A rank recorded earlier is kept: the first place where the error was seen says most.
  public init(peerBytes: [UInt8], rank: Int) {
    let numbers = (0..<4).map { field in
      (0..<4).reduce(Int32(0)) { number, byte in
        let position = field * 4 + byte
        return position < peerBytes.count ? number | Int32(peerBytes[position]) << (byte * 8) : number
      }
    }
    let rest = peerBytes.dropFirst(16)
    let nameCount = min(max(Int(numbers[3]), 0), rest.count)
    self.init(
      call: String(decoding: rest.prefix(nameCount), as: UTF8.self), code: numbers[0], errorClass: numbers[1],
      text: String(decoding: rest.dropFirst(nameCount), as: UTF8.self),
      rank: numbers[2] >= 0 ? Int(numbers[2]) : rank)
  }
}
