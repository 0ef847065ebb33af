// Words that Python reserves and formulas do not have, with what to write instead.

/// The end of a sentence that begins with the word in quotes.
let formulaKeywordAdvice: [String: String] = {
  var advice = [
    "and": "asks whole arrays for one truth value; use & with parentheses around comparisons, or logical_and",
    "or": "asks whole arrays for one truth value; use | with parentheses around comparisons, or logical_or",
    "not": "asks a whole array for one truth value; use ~ with parentheses, or logical_not",
    "if": "cannot choose element by element; use where(condition, a, b)",
    "else": "cannot choose element by element; use where(condition, a, b)",
    "in": "is not understood; compare with each value, as in (a == 1) | (a == 2)",
    "is": "compares objects, not elements; use ==",
    "for": "is not understood; operations work on whole arrays",
  ]
  let others = [
    "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "except", "finally", "from",
    "global", "import", "lambda", "nonlocal", "pass", "raise", "return", "try", "while", "with", "yield",
  ]
  for word in others { advice[word] = "is a word of Python that formulas do not have" }
  return advice
}()
