// Shapes and selections as JSON values.

import DAStore
import DistArray

extension JSONValue {
  init(_ numbers: [Int]) { self = .array(numbers.map { .int($0) }) }
}
