// Messages about formulas: what they say, and where they point.

import DAStore
import Testing

@testable import DistArray

@Suite struct FormulaErrorTests {
  /// Text, marks under it, message.
  private static let cases = [
    ("", "^", "an empty formula"),
    ("   ", "^", "an empty formula"),
    ("sin(a", "   ^", "'(' is never closed"),
    ("x[(1, 2)", " ^", "'[' is never closed"),
    ("sin(a]", "     ^", "expected ',' or ')', found ']'"),
    ("f(a b)", "    ^", "expected ',' or ')', found 'b'"),
    ("a +", "   ^", "expected a value, found the end"),
    ("a + * b", "    ^", "expected a value, found '*'; nothing can be unpacked here"),
    ("f(**k)", "  ^~", "expected a value, found '**'; nothing can be unpacked here"),
    ("f(,)", "  ^", "expected a value, found ','"),
    ("a bcd", "  ^~~", "expected an operator or the end, found 'bcd'"),
    ("a)", " ^", "')' closes nothing"),
    ("a, b", " ^", "a tuple here needs parentheses"),
    ("a = b", "  ^", "'=' only names arguments in calls; compare with '=='"),
    ("1:2", " ^", "a slice stands in brackets, as in x[1:5]"),
    (
      "a and b", "  ^~~",
      "'and' asks whole arrays for one truth value; use & with parentheses around comparisons, or logical_and"
    ),
    (
      "a or b", "  ^~",
      "'or' asks whole arrays for one truth value; use | with parentheses around comparisons, or logical_or"
    ),
    ("not a", "^~~", "'not' asks a whole array for one truth value; use ~ with parentheses, or logical_not"),
    ("a if c else b", "  ^~", "'if' cannot choose element by element; use where(condition, a, b)"),
    ("a is b", "  ^~", "'is' compares objects, not elements; use =="),
    ("a in b", "  ^~", "'in' is not understood; compare with each value, as in (a == 1) | (a == 2)"),
    ("lambda: 0", "^~~~~~", "'lambda' is a word of Python that formulas do not have"),
    ("0 < a <= 1", "      ^~", "comparisons cannot be chained; write (a < b) & (b < c)"),
    ("a > 0 & b < 1", "          ^", "'&' binds tighter than comparisons; write (a < b) & (c < d)"),
    ("a > (0 & b) < 1", "            ^", "comparisons cannot be chained; write (a < b) & (b < c)"),
    ("a && b", "   ^", "one '&' is enough between arrays"),
    ("a || b", "   ^", "one '|' is enough between arrays"),
    ("2x + 1", "^~", "'2x' is no number; write a product as 2*x"),
    ("2(x)", " ^", "only functions and methods can be called; write a product with '*'"),
    ("(a+b)(c)", "     ^", "only functions and methods can be called; write a product with '*'"),
    ("012", "^~~", "an integer cannot begin with 0; write 12, or 0o12 for an octal one"),
    ("1__0", "^~~~", "'1__0' is not a number"),
    ("1e+", "^~~", "'1e+' is not a number"),
    ("0b12", "^~~~", "'0b12' is not a number"),
    (
      "a+0x80000000000000000000000000000000", "  ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~",
      "an integer of more than 128 bits; write it as a float"
    ),
    ("f('a", "  ^~", "this string does not end"),
    (#"f('a\n')"#, "    ^", "escapes in strings are not understood"),
    ("f(b'a')", "  ^", "a string takes no prefix, found 'b'"),
    ("x[]", " ^~", "an index is missing; write [...] for everything"),
    ("x.1", " ^~", "expected an operator or the end, found '.1'"),
    ("x.", "  ^", "expected the name of an attribute or method, found the end"),
    ("np.None", "   ^~~~", "'None' cannot name an attribute"),
    ("f(a=1, b + c)", "       ^~~~~", "an argument without a name after one with a name"),
    ("f(axis=1, axis=2)", "          ^~~~", "the keyword argument 'axis' is given twice"),
    ("f(True=1)", "  ^~~~", "'True' cannot name an argument"),
    ("f((a)=1)", "     ^", "expected ',' or ')', found '='"),
    ("a − b", "  ^", "'−' (U+2212) is no minus sign; use '-'"),
    ("a ≤ b", "  ^", "'≤' is no operator; use '<='"),
    ("!a", "^", "'!' is no operator; use ~, or logical_not"),
    ("f(“f4”)", "  ^", "'“' is no quote; use ' or \""),
    ("a # b", "  ^", "comments are not understood"),
    ("{1: 2}", "^", "dicts and sets are not understood"),
    ("a ? b", "  ^", "a formula cannot contain '?' (U+3F)"),
    ("变量 $", "     ^", "a formula cannot contain '$' (U+24)"),
    ("ρ · b", "  ^", "'·' is no operator; use '*'"),
    ("\tx +\t$", "\t   \t^", "a formula cannot contain '$' (U+24)"),
  ]

  @Test(arguments: cases) func `a mistake is named and pointed at`(_ text: String, _ marks: String, _ message: String) {
    do throws(FormulaError) {
      Issue.record("\(text) is read as \(try FormulaSyntax.parse(text))")
    } catch {
      #expect(error.message == message)
      #expect(error.pointing == text + "\n" + marks)
    }
  }

  @Test func `one line tells the place, too`() throws {
    let error = try #require(throws: StoreError.self) { try FormulaSyntax(parsing: "ρ + sin(a") }
    #expect(error == StoreError(.invalidArgument, "formula: '(' is never closed, at character 8, here: ρ + sin^(a"))
    let long = String(repeating: "a+", count: 100)
    let cut = try #require(throws: StoreError.self) { try FormulaSyntax(parsing: "\(long)$\(long)") }
    let (sixty, rest) = (String(repeating: "a+", count: 30), String(repeating: "a+", count: 29) + "a")
    #expect(cut.message.hasSuffix("at character 201, here: …\(sixty)^$\(rest)…"))
  }

  @Test func `the line with the mistake is shown`() throws {
    let text = "sin(a) +\r\n\tcos(名 $\r\n) + b"
    let error = try #require(throws: FormulaError.self) { try FormulaSyntax.parse(text) }
    #expect(error.pointing == "\tcos(名 $\n\t       ^")
    #expect(!error.description.contains("\n"))
    // A place of several lines is marked to the end of its first one.
    #expect(FormulaError.pointing(at: 0..<text.utf8.count, in: text) == "sin(a) +\n^~~~~~~~")
    // Wide characters count twice, combining marks not at all.
    #expect(FormulaError.pointing(at: 4..<10, in: "e\u{301}+名字*c") == "e\u{301}+名字*c\n  ^~~~")
    #expect(FormulaError.pointing(at: 2..<3, in: "\u{1B}[a") == "\u{FFFD}[a\n  ^")
    // Of long lines a part is shown.
    let long = String(repeating: "ab", count: 300)
    let lines = FormulaError.pointing(at: 300..<302, in: long).split(separator: "\n")
    #expect(lines.count == 2 && lines[0].count == 124 && lines[0].first == "…" && lines[0].last == "…")
    #expect(lines[1] == String(repeating: " ", count: 61) + "^~")
    #expect(FormulaError.pointing(at: 2..<3, in: "a\r\nb") == "\n^")
    // Places outside the text are cut off, not trusted.
    #expect(FormulaError.pointing(at: 3..<90, in: "a+b") == "a+b\n   ^")
    #expect(FormulaError("x", at: 70..<90, in: "ab").storeError.message == "formula: x, at character 3, here: ab^")
  }

  @Test func `unknown names come with a near one`() {
    let known = ["floor", "sin", "sinh", "cos", "mean", "max", "a"]
    #expect(nearestName(to: "foo", among: known) == "floor")
    #expect(nearestName(to: "sinn", among: known) == "sin")
    #expect(nearestName(to: "snih", among: known) == "sinh")
    #expect(nearestName(to: "Mean", among: known) == "mean")
    #expect(nearestName(to: "maen", among: known) == "mean")
    #expect(nearestName(to: "b", among: known) == nil)
    #expect(nearestName(to: "xyz", among: known) == nil)
    #expect(nearestName(to: "temperature", among: known) == nil)
    #expect(nearestName(to: "", among: known) == nil)
    #expect(nearestName(to: "ab", among: ["ac", "bb", "ax"]) == "ac")
    // Swapped neighbours that are then changed again count as more than one mistake.
    #expect(nearestName(to: "abcd", among: ["abcdefg"]) == nil)
    #expect(
      FormulaError.unknown("name", "foo", at: 4..<7, in: "a + foo", known: known).description
        == "formula: unknown name 'foo'; did you mean 'floor'?, at character 5, here: a + ^foo")
    #expect(
      FormulaError.unknown("method", "quux", at: 2..<6, in: "a.quux()", known: known).pointing == "a.quux()\n  ^~~~")
  }
}
