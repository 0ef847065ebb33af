// Which Swift types may travel between ranks, and what they are called in MPI.

internal import CMPI

/// A number that ranks can send to each other and reduce over: fixed-width integers, `Float`, `Double`.
public protocol MessageElement: BitwiseCopyable, Sendable {
  /// The MPI datatype of the same width and meaning.
  static var messageKind: MessageKind { get }
}

/// The datatypes that messages are made of.
public enum MessageKind: Sendable, Hashable {
  case int8, int16, int32, int64, uint8, uint16, uint32, uint64, float, double

  /// Whether bitwise reductions are defined for it.
  var isInteger: Bool { self != .float && self != .double }

  var datatype: MPI_Datatype {
    switch self {
    case .int8: cmpi_int8()
    case .int16: cmpi_int16()
    case .int32: cmpi_int32()
    case .int64: cmpi_int64()
    case .uint8: cmpi_uint8()
    case .uint16: cmpi_uint16()
    case .uint32: cmpi_uint32()
    case .uint64: cmpi_uint64()
    case .float: cmpi_float()
    case .double: cmpi_double()
    }
  }
}

extension Int8: MessageElement { public static var messageKind: MessageKind { .int8 } }
extension Int16: MessageElement { public static var messageKind: MessageKind { .int16 } }
extension Int32: MessageElement { public static var messageKind: MessageKind { .int32 } }
extension Int64: MessageElement { public static var messageKind: MessageKind { .int64 } }
extension Int: MessageElement { public static var messageKind: MessageKind { .int64 } }
extension UInt8: MessageElement { public static var messageKind: MessageKind { .uint8 } }
extension UInt16: MessageElement { public static var messageKind: MessageKind { .uint16 } }
extension UInt32: MessageElement { public static var messageKind: MessageKind { .uint32 } }
extension UInt64: MessageElement { public static var messageKind: MessageKind { .uint64 } }
extension UInt: MessageElement { public static var messageKind: MessageKind { .uint64 } }
extension Float: MessageElement { public static var messageKind: MessageKind { .float } }
extension Double: MessageElement { public static var messageKind: MessageKind { .double } }

/// How `Communicator.allReduce` combines the ranks' values.
///
/// Integer sums wrap around. The order in which floating-point values are summed belongs to the MPI library and changes
/// with the number of ranks: results that must not depend on it are combined elsewhere, in a fixed tree. What `min` and
/// `max` make of NaN is not defined.
public enum ReductionOperation: Sendable, Hashable {
  case sum, min, max
  /// Integers only.
  case bitwiseOr, bitwiseAnd

  var isBitwise: Bool { self == .bitwiseOr || self == .bitwiseAnd }

  var handle: MPI_Op {
    switch self {
    case .sum: cmpi_sum()
    case .min: cmpi_min()
    case .max: cmpi_max()
    case .bitwiseOr: cmpi_bor()
    case .bitwiseAnd: cmpi_band()
    }
  }
}
