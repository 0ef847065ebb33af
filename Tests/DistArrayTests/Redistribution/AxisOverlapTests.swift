// Where two runs meet: DistArray's intersections of slices, and all small progressions against brute force.

import DAStore
import Testing

@testable import DistArray

@Suite struct AxisOverlapTests {
  private func run(_ start: Int, _ stop: Int, _ step: Int) -> AxisRun {
    AxisRun(start: start, step: step, count: (stop - start - 1) / step + 1, localStart: 0)
  }

  @Test(
    arguments: [
      ([0, 60, 1], [15, 30, 1], [15, 30, 1]), ([0, 60, 1], [80, 130, 1], nil), ([0, 4, 1], [3, 7, 1], [3, 4, 1]),
      ([0, 60, 2], [15, 30, 1], [16, 29, 2]), ([0, 59, 2], [15, 90, 1], [16, 59, 2]),
      ([0, 59, 1000], [15, 90, 1], nil),
    ] as [([Int], [Int], [Int]?)]) func slicesMeet(first: [Int], second: [Int], expected: [Int]?)
  {
    let overlap = AxisOverlap(run(first[0], first[1], first[2]), run(second[0], second[1], second[2]))
    #expect(overlap.map { [$0.start, $0.stop, $0.step] } == expected)
  }

  @Test func progressionsMeetAsBruteForceSays() {
    for firstStart in 0..<7 {
      for firstStep in 1...6 {
        for secondStart in 0..<7 {
          for secondStep in 1...6 {
            for count in [1, 2, 5, 9] {
              let first = AxisRun(start: firstStart, step: firstStep, count: count, localStart: 3, localStep: 2)
              let second = AxisRun(start: secondStart, step: secondStep, count: 7, localStart: 90, localStep: -3)
              let positions = (0..<7).map { secondStart + $0 * secondStep }
              let common = (0..<count).filter { positions.contains(firstStart + $0 * firstStep) }
              let overlap = AxisOverlap(first, second)
              let found = (0..<(overlap?.count ?? 0)).compactMap { element in
                overlap.map {
                  [
                    $0.start + element * $0.step, $0.sourceStart + element * $0.sourceStep,
                    $0.targetStart + element * $0.targetStep,
                  ]
                }
              }
              let expected = common.map { place in
                let global = firstStart + place * firstStep
                return [global, 3 + 2 * place, 90 - 3 * ((global - secondStart) / secondStep)]
              }
              if found != expected { Issue.record("\(first) and \(second): \(found), expected \(expected)") }
            }
          }
        }
      }
    }
  }

  @Test func stepsBeyondIntegersMeetOnce() {
    let far = 1 << 61
    let first = AxisRun(start: 5, step: (1 << 60) - 1, count: 3, localStart: 0)
    let second = AxisRun(start: 5, step: (1 << 60) - 3, count: 3, localStart: 0)
    #expect(AxisOverlap(first, second).map { [$0.start, $0.count] } == [5, 1])
    #expect(AxisOverlap(first, AxisRun(start: 6, step: 1 << 59, count: 4, localStart: 0)) == nil)
    #expect(AxisOverlap(first, AxisRun(start: 0, count: far, localStart: 0))?.count == 2)
  }

  @Test func neighbouringElementsBecomeOneRun() {
    var list: [AxisOverlap] = []
    for element in 0..<6 { list.join(AxisOverlap(element: 2 * element, source: 3 * element, target: 10 - element)) }
    list.join(AxisOverlap(element: 11, source: 0, target: 0))
    #expect(
      list.map { [$0.start, $0.step, $0.count, $0.sourceStep, $0.targetStep] } == [
        [0, 2, 6, 3, -1], [11, 1, 1, 1, 1],
      ])
  }
}
