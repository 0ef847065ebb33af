// What a NumPy user is told when an index or an assignment cannot be, and the rules of types.

import DAStore
import DATestSupport
import MessagePassing
import Testing

@testable import DistArray

@Suite struct IndexErrorTests {
  let context: Context
  let x: DistArray

  init() throws {
    context = try Context(communicator: .serial, memory: MemoryBudget(byteCount: 16 << 20))
    x = context.arange(30).reshaped(to: [5, 6])
  }

  private func message(_ array: DistArray) -> String {
    do {
      try array.check()
      return "nothing is wrong"
    } catch {
      return error.message
    }
  }

  private func message(assigning change: (inout DistArray) -> Void, to array: DistArray? = nil) -> String {
    var copy = array ?? x
    change(&copy)
    return message(copy)
  }

  @Test func readingTellsIndexAxisAndSize() {
    #expect(message(x[[0, 5]]) == "index 5 is out of bounds for axis 0 with size 5 of shape (5, 6)")
    #expect(message(x[0, [1, -7]]) == "index -7 is out of bounds for axis 1 with size 6 of shape (5, 6)")
    #expect(message(x[9, [1]]) == "index 9 is out of bounds for axis 0 with size 5 of shape (5, 6)")
    #expect(message(x[context.arange(7)]) == "index 5 is out of bounds for axis 0 with size 5 of shape (5, 6)")
    #expect(message(x[[0], [0], [0]]) == "too many indices for array: array is 2-dimensional, but 3 were indexed")
    #expect(
      message(x[[0, 1], [0, 1, 2]])
        == "shape mismatch: indexing arrays could not be broadcast together with shapes (2,) (3,)")
    #expect(
      message(x[.all, [true, false]])
        == "the mask does not match the array along axis 1: the array has size 6, the mask 2")
    #expect(message(x[x[1...] > 0]).contains("along axis 0: the array has size 5, the mask 4"))
    #expect(message(x[x * 0.5]) == "arrays used as indices must be of integer or bool type, not float64")
    #expect(message(x[[[0, 1], [2]]]) == "lists of different lengths are no index; make them alike")
    #expect(message(x[.ellipsis, [0], .ellipsis]) == "an index can have only one ellipsis '...'")
    #expect(message(x.taken([31])).contains("index 31 is out of bounds for axis 0 with size 30"))
  }

  @Test func positionsMustFitTheBudget() throws {
    let small = try Context(communicator: .serial, memory: MemoryBudget(byteCount: 64 << 10))
    let y = small.arange(300)
    let rows = (0..<200).map { [$0] }
    let planes = y.broadcast(to: [300, 300])
    #expect(message(planes[rows, Array(0..<200)]).contains("lists of 40000 positions take more than an eighth"))
    #expect(message(y[small.zeros([2000], dtype: .int64)]).contains("an index array of shape (2000,)"))
    #expect(message(planes[rows, Array(0..<2)]) == "nothing is wrong")
  }

  @Test func assigningTellsBothShapes() {
    let three = context.ones([3])
    #expect(
      message(assigning: { $0[0..<2] = three }) == "could not broadcast input array from shape (3,) into shape (2, 6)")
    #expect(
      message(assigning: { $0[[0, 1]] = three })
        == "shape mismatch: value array of shape (3,) could not be broadcast to indexing result of shape (2, 6)")
    #expect(
      message(assigning: { $0[x < 2] = three })
        == "boolean array indexing assignment cannot assign 3 input values to the 2 output values where the mask is true"
    )
    #expect(
      message(assigning: { $0[x < 2] = three.reshaped(to: [1, 3]) })
        == "boolean array indexing assignment requires a 0 or 1-dimensional input, input has 2 dimensions")
    #expect(message(assigning: { $0[7] = 1 }).contains("index 7 is out of bounds for axis 0 with size 5"))
    #expect(message(assigning: { $0[-11, 0] = 1 }).contains("index -11 is out of bounds for axis 0 with size 5"))
    #expect(message(assigning: { $0[[true, false]] = 1 }).contains("the array has size 5, the mask 2"))
    #expect(message(assigning: { $0.put([30], 1) }).contains("index 30 is out of bounds for axis 0 with size 30"))
  }

  @Test func numbersMustHaveAValueInTheType() throws {
    let bytes = x.astype(.uint8)
    #expect(message(assigning: { $0[0] = 300 }, to: bytes).contains("300 is out of bounds for uint8"))
    #expect(message(assigning: { $0[0] = Double.nan }).contains("no value in int64"))
    var y = bytes
    // Arrays wrap, and floats lose their fractions, as astype does.
    y[0] = context.full([6], 300)
    y[1] = 2.75
    y[2] = true
    #expect(try context.evaluate(y[0..<3, 0]).values(as: UInt8.self) == [44, 2, 1])
    #expect(try y.dtype == .uint8)
  }

  @Test func inPlaceOperatorsKeepTypeAndShape() throws {
    var y = x
    y[1..<3, .stride(by: 2)] += 100
    y[x > 27] *= -1
    y[[0, 0], [0, 0]] += 5
    y -= 1
    var expected = (0..<30).map { $0 - 1 }
    for place in [6, 8, 10, 12, 14, 16] { expected[place] += 100 }
    for place in [28, 29] { expected[place] = -place - 1 }
    expected[0] = 4
    #expect(try context.evaluate(y).values(as: Int64.self) == expected.map { Int64($0) })
    #expect(message(assigning: { $0 += 1.5 }).contains("not of the same kind as int64"))
    #expect(message(assigning: { $0 /= 2 }).contains("not of the same kind"))
    #expect(message(assigning: { $0 += context.ones([2, 5, 6], dtype: .int64) }).contains("output operand"))
    var z = x.astype(.float32)
    z /= 2
    z **= 2.0
    #expect(try context.evaluate(z[0, 3...4]).values(as: Float.self) == [2.25, 4])
    #expect(try z.dtype == .float32)
  }
}
