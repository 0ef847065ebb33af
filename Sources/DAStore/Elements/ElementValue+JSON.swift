// Elements as JSON values: attributes of other formats, fill values, and what commands print.

extension JSONValue {
  /// An element: a number or a boolean; complex numbers as `[real, imaginary]`; integers that JSON's readers may not
  /// hold exactly, and what is not finite, as strings.
  package init(_ element: ElementValue) {
    struct Converter: ElementVisitor {
      let element: ElementValue
      func visit<E: Element>(_: E.Type) -> JSONValue {
        switch element.value(as: E.self) {
        case let value as StoredBool: .bool(value.isTrue)
        case let value as any BinaryInteger: Int(exactly: value).map { .int($0) } ?? .string("\(value)")
        case let value as StoredComplex<Float>: .array([.double(Double(value.real)), .double(Double(value.imaginary))])
        case let value as StoredComplex<Double>: .array([.double(value.real), .double(value.imaginary)])
        case let value as Float16: .double(Double(value))
        case let value as Float: .double(Double(value))
        case let value as Double: .double(value)
        default: .null
        }
      }
    }
    self = element.dtype.visit(Converter(element: element))
  }
}
