// Formulas against Python's own parser, their printed form, their places, and limits.

import DAStore
import DATestSupport
import Testing

@testable import DistArray

@Suite struct FormulaSyntaxTests {
  struct Golden: Decodable {
    /// Text and tree.
    var trees: [[String]]
    var refused: [String]
  }

  @Test func `trees are Python's`() throws {
    let golden: Golden = try golden("formulas.json")
    #expect(golden.trees.count > 500)
    for pair in golden.trees {
      do {
        let formula = try FormulaSyntax(parsing: pair[0])
        #expect(formula.neutralForm == pair[1], "\(pair[0])")
        let printed = formula.description
        let again = try FormulaSyntax(parsing: printed)
        #expect(again == formula && again.description == printed, "\(pair[0]) is printed as \(printed)")
      } catch {
        Issue.record("\(pair[0]) is refused: \(error)")
      }
    }
  }

  @Test func `what Python or formulas do not have is refused`() throws {
    let golden: Golden = try golden("formulas.json")
    #expect(golden.refused.count > 300)
    for text in golden.refused {
      do throws(FormulaError) {
        let formula = try FormulaSyntax.parse(text)
        Issue.record("\(text) is read as \(formula.neutralForm)")
      } catch {
        #expect(error.storeError.code == .invalidArgument && error.text == text)
        #expect(error.range.upperBound <= text.utf8.count && !error.message.isEmpty)
      }
    }
  }

  @Test func `random trees survive being printed, with no parenthesis too many`() throws {
    let seed: UInt64 = 0xF0_4B01A
    var random = SeededRandom(seed: seed)
    for round in 0..<400 {
      let tree = randomFormula(depth: round % 5, using: &random)
      let text = tree.description
      #expect(try FormulaSyntax(parsing: text) == tree, "seed \(seed), round \(round): \(text)")
      for shorter in withoutOnePair(text) {
        let other = try? FormulaSyntax(parsing: shorter)
        #expect(other != tree, "seed \(seed), round \(round): \(text) is also \(shorter)")
      }
    }
  }

  /// The text without its first pair of parentheses, without its second, …
  private func withoutOnePair(_ text: String) -> [String] {
    let characters = Array(text)
    var (open, results): ([Int], [String]) = ([], [])
    for (place, character) in characters.enumerated() {
      if character == "(" { open.append(place) }
      guard character == ")", let first = open.popLast() else { continue }
      results.append(String(characters.indices.filter { $0 != first && $0 != place }.map { characters[$0] }))
    }
    return results
  }

  @Test func `nodes know their place`() throws {
    let text = " ρ*( np.sin(a ) ) + f(x[1: ,-2], axis = 3).T**2"
    let formula = try FormulaSyntax(parsing: text)
    func part(_ range: Range<Int>) -> String { String(decoding: Array(text.utf8)[range], as: UTF8.self) }
    #expect(
      formula.nodes.map { part($0.range) } == [
        "ρ*( np.sin(a ) ) + f(x[1: ,-2], axis = 3).T**2", "ρ*( np.sin(a ) )", "ρ", "( np.sin(a ) )", "np.sin", "a",
        "f(x[1: ,-2], axis = 3).T**2", "f(x[1: ,-2], axis = 3).T", "f(x[1: ,-2], axis = 3)", "f", "x[1: ,-2]", "x",
        "1:",
        "1", "-2", "2", "3", "2",
      ])
    let names = formula.nodes.compactMap { node in
      if case .call(_, _, let keywords) = node.kind { keywords.map { part($0.nameRange) } } else { nil }
    }
    #expect(names == [[], ["axis"]])
  }

  @Test func `places do not matter for equality`() throws {
    let tree = try FormulaSyntax(parsing: "f(a, k=(b))")
    let same = try FormulaSyntax(parsing: " f ( (a) , k=b )")
    #expect(tree == same && tree.hashValue == same.hashValue && tree.range != same.range)
    #expect(try tree != FormulaSyntax(parsing: "f(a, k=a)"))
    #expect(try tree != FormulaSyntax(parsing: "f(a, j=b)"))
  }

  @Test func `nesting, length and height are limited`() throws {
    func nested(_ open: String, _ close: String, _ count: Int) -> String {
      String(repeating: open, count: count) + "a" + String(repeating: close, count: count)
    }
    let brackets = [
      ("(", ")"), ("[", "]"), ("-", ""), ("f(", ")"), ("x[", "]"), ("2**", ""), ("f(k=", ")"), ("x[1:", "]"),
    ]
    for (open, close) in brackets {
      _ = try FormulaSyntax(parsing: nested(open, close, 100))
      for count in [101, 5000] {
        try expectError(.invalidArgument, in: open) { try FormulaSyntax(parsing: nested(open, close, count)) }
      }
      // Left open, at the limit of the length.
      try expectError(.invalidArgument, in: open) {
        try FormulaSyntax(parsing: String(String(repeating: open, count: 65536).prefix(65536)))
      }
    }
    for chain in ["+a", ".T", "[0]", "&a", "*-a"] {
      _ = try FormulaSyntax(parsing: "a" + String(repeating: chain, count: 998)).description
      let error = try expectError(.invalidArgument, in: chain) {
        try FormulaSyntax(parsing: "a" + String(repeating: chain, count: 13000))
      }
      #expect(error.message.contains("group them with parentheses"))
    }
    let long = String(repeating: "a, ", count: 21000)
    #expect(try FormulaSyntax(parsing: "[\(long)]").children.count == 21000)
    #expect(try FormulaSyntax(parsing: "1" + String(repeating: " ", count: 65535)).kind == .integer(1))
    try expectError(.invalidArgument, in: "length") {
      try FormulaSyntax(parsing: "1" + String(repeating: " ", count: 65536))
    }
    try expectError(.invalidArgument, in: "digits") { try FormulaSyntax(parsing: String(repeating: "7", count: 65536)) }
    #expect(try FormulaSyntax(parsing: String(repeating: "7", count: 65000) + ".").kind == .float(.infinity))
  }

  @Test func `any text gives a tree or one line of error`() throws {
    let pieces = [
      "a", "x", "np.", "1", "0x", "2.", "e5", "j", "_", "'", "\"", "\\", "(", ")", "[", "]", ",", ":", "=", ".", "...",
      "+", "-", "*", "**", "/", "<", ">", "!", "&", "|", "~", "@", "%", "^", " ", "\n", "\r\n", "\t", "\0", "\u{1B}",
      "é", "e\u{301}", "\u{301}", "名", "👩‍👩‍👧", "\u{202E}", "\u{FEFF}", "and", "None", "newaxis", "if", "#", "f(",
      "k=", "x[",
    ]
    let seed: UInt64 = 0x6A12_BA6E
    var random = SeededRandom(seed: seed)
    var trees = 0
    for round in 0..<3000 {
      let count = Int.random(in: 0...10, using: &random)
      let text =
        round % 3 == 0
        ? String(decoding: (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }, as: UTF8.self)
        : (0..<count).compactMap { _ in pieces.randomElement(using: &random) }.joined()
      do throws(FormulaError) {
        let formula = try FormulaSyntax.parse(text)
        trees += 1
        let again = try FormulaSyntax.parse(formula.description)
        #expect(again == formula, "seed \(seed), round \(round): \(text.debugDescription)")
      } catch {
        #expect(error.storeError.message.utf8.count < 2000 && !error.description.contains(where: \.isNewline))
        #expect(error.pointing.count { $0 == "\n" } == 1, "seed \(seed), round \(round): \(text.debugDescription)")
      }
    }
    #expect(trees > 20)
  }
}
