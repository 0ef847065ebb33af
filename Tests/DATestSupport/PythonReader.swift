// Runs Formats/reader.py, the reader of `.dnpy` 2 files that shares no code with this package, and other Python scripts.

import Glibc

/// The interpreter that runs the scripts: `DASTORE_TEST_PYTHON`, else the one that `make deps` sets up, else the system's.
public enum TestPython {
  /// The folder of this package.
  public static let packageFolder = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
  private static let modules = "numpy, lz4.block, xxhash, h5py, hdf5plugin"

  /// Its path, once it has shown that it has the modules.
  private static let checked: Result<String, ProcessFailure> = {
    do {
      let path = try interpreter()
      let result = try runProcess(path, ["-c", "import \(modules)"])
      guard result.exitCode == 0 else {
        let reason = result.stderr.split(separator: "\n").last ?? "it ended with \(result.exitCode)"
        return .failure(
          ProcessFailure(
            description: "'\(path)' cannot import \(modules): \(reason); run `make deps`, or set DASTORE_TEST_PYTHON "
              + "to an interpreter that can"))
      }
      return .success(path)
    } catch let failure as ProcessFailure {
      return .failure(failure)
    } catch {
      return .failure(ProcessFailure(description: "\(error)"))
    }
  }()

  private static func interpreter() throws -> String {
    if let given = getenv("DASTORE_TEST_PYTHON") { return String(cString: given) }
    let ours = packageFolder + "/.build/venv/bin/python3"
    return access(ours, X_OK) == 0 ? ours : try findExecutable("python3")
  }

  /// Runs a script of this package, given by its path in the package.
  ///
  /// - Throws: `ProcessFailure` when there is no interpreter with the modules, or it takes too long.
  public static func run(_ script: String, _ arguments: [String], timeout: Double = 60) throws -> ProcessResult {
    // No cached bytecode: tests leave nothing in the folders that they read.
    try runProcess(try checked.get(), ["-B", "\(packageFolder)/\(script)"] + arguments, timeout: timeout)
  }

  /// Runs a script given as text.
  public static func run(text: String, _ arguments: [String], timeout: Double = 60) throws -> ProcessResult {
    try runProcess(try checked.get(), ["-c", text] + arguments, timeout: timeout)
  }

  public static func runReader(_ arguments: [String], timeout: Double = 60) throws -> ProcessResult {
    try run("Formats/reader.py", arguments, timeout: timeout)
  }
}
