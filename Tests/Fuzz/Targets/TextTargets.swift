// Targets whose input is text: Python literals, JSON, names of datasets with their selections and types, formulas.

import DAStore
import DistArray

extension FuzzTarget {
  /// Input: one byte for the encoding, then the text. What was understood must survive being printed and read again.
  static let literal = FuzzTarget(
    name: "literal", maximumByteCount: 4096,
    seeds: {
      let texts = [
        "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }",
        "{'a': [1, -2L, 3.5e-7, .5, 1.], u'b': (None, True,)}",
        "array([1, 2, ..., 9], dtype=int32)", #"'\n\x41\u00e9\'\101' "#, "((((((1,),),),),),)", "{1: {2: {3: {}}}}",
      ]
      return texts.enumerated().map { Seed(name: "text-\($0)", bytes: [UInt8($0 % 2)] + Array($1.utf8)) }
    },
    body: { bytes, _ in
      let encoding: PythonLiteral.TextEncoding = (bytes.first ?? 0) % 2 == 0 ? .utf8 : .latin1
      let value = try PythonLiteral(parsing: Array(bytes.dropFirst()), encoding: encoding)
      let text = value.repr()
      // Infinite floats print as Python prints them, which is no literal.
      if text.contains("inf") || text.contains("array") { return text }
      do {
        let again = try PythonLiteral(parsing: Array(text.utf8))
        try require(again == value, "\(text) is read as \(again.repr())")
      } catch let error as StoreError {
        // Escapes may be longer than what they stand for.
        try require(text.utf8.count > PythonLiteral.maximumByteCount, "\(text) cannot be read again: \(error)")
      }
      return text
    })

  /// Input: JSON. What was understood must survive being written and read again.
  static let json = FuzzTarget(
    name: "json", maximumByteCount: 4096,
    seeds: {
      let texts = [
        #"{"shape":[3,4],"dtype":"<f8","attributes":{"a":[1,2.5,null,true,"é\n"]}}"#, "[[[[[[]]]]]]", "1e308",
        #""\ud83d\ude00""#,
        "-9223372036854775808", String(repeating: "[", count: 700),
      ]
      return texts.enumerated().map { Seed(name: "text-\($0)", bytes: Array($1.utf8)) }
    },
    body: { bytes, _ in
      let value = try JSONValue(parsing: bytes)
      let text = try value.encoded()
      let again = try JSONValue(parsing: text)
      try require(try again.encoded() == text, "\(String(decoding: text, as: UTF8.self)) changes when it is read again")
      return fingerprint(text)
    })

  /// Input: a name as a user types it. Its parts, its selection on several shapes, and the same text as a type's name.
  static let names = FuzzTarget(
    name: "names", maximumByteCount: 512,
    seeds: {
      let texts = [
        "a.npy[0:10, ..., ::2]", "b.dnpy@7", "c.npz:mask[-1]", "d/e_0.dnpy", "f[::-1,3,:]", "<f8", "|b1", "float64",
        "x.h5:/y",
        "a[9223372036854775807:-9223372036854775808:-9223372036854775808]", "[...]", "é.npy[1]",
      ]
      return texts.enumerated().map { Seed(name: "text-\($0)", bytes: Array($1.utf8)) }
    },
    body: { bytes, _ in
      let text = String(decoding: bytes, as: UTF8.self)
      var answer = ""
      if let (dtype, isBigEndian) = DType.parse(text) {
        try require(DType.parse(dtype.numpyString)?.dtype == dtype, "\(dtype) does not know its own name")
        answer += "\(dtype) \(isBigEndian) "
      }
      do throws(StoreError) {
        let target = try TargetName(parsing: text)
        answer += "\(target.format) \(target.path) "
      } catch {
        answer += "\(error.code) "
      }
      let name = try DatasetName(parsing: text)
      answer += "\(name.path) \(name.member ?? "-") \(name.generation ?? -1) \(name.versionOnePrefix ?? "-")"
      guard let selection = name.selection else { return answer }
      try require(
        try Selection(parsing: selection.description) == selection, "\(selection) is read as another selection")
      for shape in [[], [0], [1], [7], [3, 4], [2, 0, 5], [Int.max >> 1], [1 << 30, 1 << 30]] {
        guard let resolved = try? selection.resolve(shape: shape) else { continue }
        for (axis, size) in zip(resolved.axes, shape) where axis.count > 0 {
          let last = axis.start + (axis.count - 1) * axis.step
          try require(
            0 <= axis.start && axis.start < size && 0 <= last && last < size,
            "\(selection) leaves the shape \(shape): \(axis)")
        }
        answer += " \(resolved.shape)"
      }
      return answer
    })

  /// Input: a formula. A tree must survive being printed and read again; a mistake must lie in the text.
  static let formula = FuzzTarget(
    name: "formula", maximumByteCount: 4096,
    seeds: {
      let texts = [
        "sin(a)*b + sqrt(abs(c))", "np.mean(x.T[::2, -1, ..., None], axis=(0, 1), dtype='f4')", "-a**-2**.5//1e-3 @ 2j",
        "where((x > 0) & ~(y <= 0x7f), x, [nan, True])", "((((((1,),),),),),)", "größe\t<<\n1_000 != (1).real",
        "x[()][(),][a:b:c]",
      ]
      return texts.enumerated().map { Seed(name: "text-\($0)", bytes: Array($1.utf8)) }
    },
    body: { bytes, _ in
      let text = String(decoding: bytes, as: UTF8.self)
      let tree: FormulaSyntax
      do throws(FormulaError) {
        tree = try FormulaSyntax.parse(text)
      } catch {
        try require(error.pointing.count { $0 == "\n" } == 1, "\(text) has a mistake in more than one line")
        throw error.storeError
      }
      let printed = tree.description
      do {
        let again = try FormulaSyntax.parse(printed)
        try require(
          again == tree && again.description == printed, "\(text) is printed as \(printed), which is \(again)")
      } catch let error as FormulaError {
        throw FuzzFinding("\(text) is printed as \(printed), which is refused: \(error)")
      }
      return printed
    })
}
