// Which known name a mistyped one was meant to be.

/// The name that `name` most probably stands for: at most two letters are inserted, left out, replaced or swapped, and
/// not all of them.
///
/// Of equally near names it is one with the same first letter, then the first in the alphabet; `nil` when none is near.
///
/// - Complexity: O(length²) for each candidate of about the same length.
/// - Source: the restricted edit distance of F. J. Damerau, "A technique for computer detection and correction of
///   spelling errors", CACM 7 (1964).
public func nearestName(to name: String, among candidates: some Sequence<String>) -> String? {
  let letters = Array(name)
  let furthest = min(2, letters.count - 1)
  var best: (distance: Int, firstLetter: Int, name: String)?
  for candidate in candidates where candidate != name {
    let others = Array(candidate)
    guard abs(others.count - letters.count) <= furthest else { continue }
    let rank = (editDistance(letters, others), others.first == letters.first ? 0 : 1, candidate)
    guard rank.0 <= furthest else { continue }
    if let best, best <= rank { continue }
    best = rank
  }
  return best?.name
}

/// Insertions, deletions, replacements and swaps of neighbours that make `left` from `right`, no letter changed twice.
private func editDistance(_ left: [Character], _ right: [Character]) -> Int {
  // Three rows of the table: for the prefixes of `left` two shorter, one shorter, and the present one.
  var beforeLast: [Int] = []
  var last = Array(0...right.count)
  for row in 0..<left.count {
    var present = [row + 1]
    for column in 0..<right.count {
      let replaced = last[column] + (left[row] == right[column] ? 0 : 1)
      var distance = min(replaced, last[column + 1] + 1, present[column] + 1)
      if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
        distance = min(distance, beforeLast[column - 1] + 1)
      }
      present.append(distance)
    }
    (beforeLast, last) = (last, present)
  }
  return last[right.count]
}
