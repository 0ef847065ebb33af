// What a scenario is, the list of all of them, and the few words scenarios are written in.
//
// To add scenarios: a file `Scenarios+Topic.swift` with `let topicScenarios: [Scenario] = […]`, one line in `all`, and a
// test in ParallelTests that runs them with `runScenario`.

import MessagePassing

/// A small program that every rank runs, and that either finishes or throws.
struct Scenario: Sendable {
  var name: String
  /// Whether Open MPI's faulty read data sieving stays on: only for the scenario that shows the fault.
  var keepsReadSieving = false
  /// What each rank does, with the world and the arguments of the command line.
  var run: @Sendable (_ world: Communicator, _ arguments: [String]) throws -> Void

  static let all: [Scenario] = [
    assemblyScenarios,
    behaviourScenarios,
    conformanceScenarios,
    creationScenarios,
    distributedScenarios,
    dnpy1Scenarios,
    dnpy2Scenarios,
    expressionScenarios,
    functionScenarios,
    haloScenarios,
    indexingScenarios,
    messagePassingScenarios,
    productScenarios,
    randomProgramScenarios,
    redistributionScenarios,
    reductionScenarios,
    streamingScenarios,
  ].flatMap { $0 }
}

/// Why a scenario failed.
struct ScenarioFailure: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}

/// Fails the scenario unless `condition` holds.
func require(_ condition: Bool, _ message: @autoclosure () -> String) throws {
  guard condition else { throw ScenarioFailure(message()) }
}

/// Fails the scenario unless the two are equal.
func requireEqual<T: Equatable>(_ found: T, _ expected: T, _ what: @autoclosure () -> String) throws {
  guard found == expected else { throw ScenarioFailure("\(what()): expected \(expected), found \(found)") }
}

/// The argument at `index`.
func argument(_ index: Int, of arguments: [String]) throws -> String {
  guard arguments.indices.contains(index) else { throw ScenarioFailure("argument \(index + 1) is missing") }
  return arguments[index]
}
