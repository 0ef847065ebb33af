// The only place where a run-time element type becomes a compile-time one.

/// A kernel that is compiled for every element type.
///
/// Conforming types mark `visit` as `@inlinable` when they live in another target than their callers: without it the
/// generic code is not specialised and runs a hundred times slower.
@usableFromInline
package protocol ElementVisitor {
  associatedtype Output
  associatedtype Failure: Error = Never
  func visit<E: Element>(_: E.Type) throws(Failure) -> Output
}

extension DType {
  @inlinable
  package func visit<Visitor: ElementVisitor>(_ visitor: Visitor) throws(Visitor.Failure) -> Visitor.Output {
    switch self {
    case .bool: try visitor.visit(StoredBool.self)
    case .int8: try visitor.visit(Int8.self)
    case .int16: try visitor.visit(Int16.self)
    case .int32: try visitor.visit(Int32.self)
    case .int64: try visitor.visit(Int64.self)
    case .uint8: try visitor.visit(UInt8.self)
    case .uint16: try visitor.visit(UInt16.self)
    case .uint32: try visitor.visit(UInt32.self)
    case .uint64: try visitor.visit(UInt64.self)
    case .float16: try visitor.visit(Float16.self)
    case .float32: try visitor.visit(Float.self)
    case .float64: try visitor.visit(Double.self)
    case .complex64: try visitor.visit(StoredComplex<Float>.self)
    case .complex128: try visitor.visit(StoredComplex<Double>.self)
    }
  }
}

/// A kernel that is compiled for every element type and converts elements to other types.
protocol CastableVisitor {
  associatedtype Output
  func visit<E: CastableElement>(_: E.Type) -> Output
}

extension DType {
  func visitCastable<Visitor: CastableVisitor>(_ visitor: Visitor) -> Visitor.Output {
    switch self {
    case .bool: visitor.visit(StoredBool.self)
    case .int8: visitor.visit(Int8.self)
    case .int16: visitor.visit(Int16.self)
    case .int32: visitor.visit(Int32.self)
    case .int64: visitor.visit(Int64.self)
    case .uint8: visitor.visit(UInt8.self)
    case .uint16: visitor.visit(UInt16.self)
    case .uint32: visitor.visit(UInt32.self)
    case .uint64: visitor.visit(UInt64.self)
    case .float16: visitor.visit(Float16.self)
    case .float32: visitor.visit(Float.self)
    case .float64: visitor.visit(Double.self)
    case .complex64: visitor.visit(StoredComplex<Float>.self)
    case .complex128: visitor.visit(StoredComplex<Double>.self)
    }
  }
}
