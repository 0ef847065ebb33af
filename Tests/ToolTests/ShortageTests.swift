// No room for a target: a file size limit or a full disk ends a command on all ranks with one line, leaves what was there,
// and nothing else.

import DATestSupport
import Foundation
import Testing

@Suite struct ShortageTests {
  /// What runs short.
  enum Shortage { case fileSize, disk }

  /// A command that replaces or changes the target `t…`, which has been made from `old`.
  struct Job: Sendable, CustomTestStringConvertible {
    var command: [String]
    var target: String
    var old: String
    /// What the error names: the target, or the scratch file on the way to it.
    var place: String { command.contains("--memory") ? "scratch" : target }
    var testDescription: String { (command + [target]).joined(separator: " ") }
  }

  static let copies = ["t.npy", "t.dnpy", "t"].map {
    Job(command: ["convert", "--force", "../new.npy"], target: $0, old: "old.npy")
  }
  static let rechunks = ["t.npy", "t.dnpy", "t"].map {
    Job(command: ["rechunk", "--force", "--chunks", "8,64,64", "../new.npy"], target: $0, old: "old.npy")
  }
  static let updates = [["repack"], ["retain", "--keep", "3"]].map {
    Job(command: $0, target: "t.dnpy", old: "new.npy")
  }

  /// Batches of more than a mebibyte per rank take another way to the disk than small ones.
  static let large = [
    Job(
      command: ["convert", "--force", "--codec", "none", "--chunks", "8,128,128", "../large.npy"], target: "t.dnpy",
      old: "old.npy")
  ]

  /// Rows to columns in little memory go through a scratch file, which is what has no room.
  static let crossing = [
    Job(
      command: ["rechunk", "--force", "--memory", "512KiB", "--chunks", "512,1", "../crossing.dnpy"], target: "t.dnpy",
      old: "old.npy")
  ]

  @Test(arguments: copies + updates, [nil, 1, 2, 3, 4] as [Int?])
  func theFileSizeLimitIsAnError(_ job: Job, _ ranks: Int?) throws { try run(job, ranks, .fileSize) }

  @Test(arguments: rechunks + large + crossing, [nil, 2] as [Int?])
  func theFileSizeLimitIsAnErrorForRechunk(_ job: Job, _ ranks: Int?) throws { try run(job, ranks, .fileSize) }

  @Test(arguments: copies + updates + large + crossing, [nil, 3] as [Int?])
  func aFullDiskIsAnError(_ job: Job, _ ranks: Int?) throws {
    let shortage = Self.privateMount == nil ? Shortage.fileSize : .disk
    print("a full disk is \(shortage == .disk ? "a small tmpfs" : "a file size limit: nothing can be mounted here")")
    try run(job, ranks, shortage)
  }

  /// How to run a shell that may mount, unseen by other processes; `nil` where that is forbidden.
  private static let privateMount: [String]? = {
    guard let unshare = try? findExecutable("unshare") else { return nil }
    return [["-m"], ["-Urm"]].map { [unshare] + $0 + ["/bin/sh", "-c"] }.first { shell in
      (try? runProcess(shell[0], shell.dropFirst() + ["mount -t tmpfs -o size=64k none /mnt"]))?.exitCode == 0
    }
  }()

  private func run(_ job: Job, _ ranks: Int?, _ shortage: Shortage) throws {
    try withToolFolder { folder in
      #expect(try folder.run("generate", "--shape", "4,16,16", "old.npy").exitCode == 0)
      #expect(try folder.run("generate", "--shape", "32,64,64", "new.npy").exitCode == 0)
      #expect(try folder.run("generate", "--shape", "64,128,128", "large.npy").exitCode == 0)
      #expect(try folder.run("generate", "--shape", "512,1024", "--chunks", "1,1024", "crossing.dnpy").exitCode == 0)
      try FileManager.default.createDirectory(atPath: folder.file("room"), withIntermediateDirectories: false)
      // Arguments: the command under the limit of $blocks. What happens goes into files, since the mount goes with the shell.
      let script = """
        cd "$folder/room"
        if [ $disk = yes ]; then mount -t tmpfs -o size=16m none . && cd "$folder/room" || exit 99; fi
        "$tool" convert --quiet --chunks 8,16,16 ../$old $target || exit 98
        "$tool" digest $target > ../digest-before; ls -A > ../names-before
        if [ $disk = yes ]; then
          cat /dev/zero > filler 2> ../filler-log; truncate -s -$left filler
        elif [ $command = retain ]; then blocks=$(($(stat -c %s $target) / 512))
        else blocks=200
        fi
        export blocks
        "$@" > ../stdout 2> ../stderr; echo $? > ../status
        rm -f filler
        "$tool" digest $target > ../digest-after; ls -A > ../names-after
        blocks=unlimited "$@" > ../next-output 2>&1; echo $? > ../next-status
        "$tool" verify $target > ../verified 2>&1; echo $? > ../verified-status
        ls -A > ../names-next
        """
      // Shared memory's files are larger than the limit; a rank that tells the launcher so may take it down with it: a race in
      // Open MPI 4.1's help texts.
      let launcher = try ranks.map { try mpirunCommand(ranks: $0, transports: "self,tcp") } ?? []
      let limited = ["/bin/sh", "-c", "ulimit -f $blocks; exec \"$@\"", "limited", try builtExecutable("dastore-tool")]
      let command = launcher + limited + job.command + [job.target]
      let shell = shortage == .disk ? try #require(Self.privateMount) : ["/bin/sh", "-c"]
      // A hang ends here, with an error.
      let result = try runProcess(
        shell[0], shell.dropFirst() + [script, "shortage"] + command,
        environment: [
          "tool": try builtExecutable("dastore-tool"), "folder": folder.path, "old": job.old, "target": job.target,
          "command": job.command[0], "disk": shortage == .disk ? "yes" : "no",
          "left": job.command[0] == "retain" ? "0" : "65536",
          "blocks": "unlimited", "HWLOC_COMPONENTS": "-gl",
        ], timeout: 40)
      try #require(result.exitCode == 0, "\(result.stderr)")
      // What a missing file would have held is not what is expected of it.
      func text(_ name: String) -> String {
        (try? String(contentsOfFile: folder.file(name), encoding: .utf8)) ?? "no \(name)"
      }
      let errors = text("stderr").split(separator: "\n").filter { $0.hasPrefix("dastore-tool: error: ") }
      #expect(text("status") == "3\n", "\(text("stdout"))\(text("stderr"))")
      #expect(errors.count == 1, "\(errors)")
      let reason =
        shortage == .disk ? "No space left on device; make room" : "File too large: this process has a file size limit"
      #expect(errors.first?.contains(reason) == true && errors.first?.contains(job.place) == true, "\(errors)")
      #expect(errors.first?.contains { $0.isNumber } == true, "no place in the file: \(errors)")
      #expect(text("digest-after") == text("digest-before"))
      #expect(text("names-after") == text("names-before"))
      #expect(text("next-status") == "0\n", "\(text("next-output"))")
      #expect(text("verified-status") == "0\n", "\(text("verified"))")
      #expect(text("names-next").split(separator: "\n").allSatisfy { !$0.hasPrefix(".") })
      if job.old != "new.npy" {
        #expect(try folder.run("digest", "new.npy").stdout != text("digest-before"))
      }
    }
  }

  @Test(arguments: 1...4) func aLauncherWithTheLimitDoesNotHang(_ ranks: Int) throws {
    try withToolFolder { folder in
      #expect(try folder.run("generate", "--shape", "32,64,64", "new.npy").exitCode == 0)
      let command =
        try mpirunCommand(ranks: ranks) + [try builtExecutable("dastore-tool"), "convert", "new.npy", "t.dnpy"]
      let script = "cd \"$0\"; ulimit -f 100; exec \"$@\""
      let limited = try runProcess(
        "/bin/sh", ["-c", script, folder.path] + command, environment: ["HWLOC_COMPONENTS": "-gl"], timeout: 30)
      #expect(limited.exitCode == 3, "\(limited.stderr)")
      #expect(limited.errors.count == 1, "\(limited.stderr)")
      #expect(limited.errors.first?.contains("PMIX_MCA_gds=hash") == true, "\(limited.errors)")
      #expect(try folder.names == ["new.npy"])
    }
  }

  @Test(arguments: [["show", "a.npy"], ["convert", "a.npy", "b.dnpy"], ["--help"]])
  func aReaderThatGoesAwayNeedsNoWord(_ arguments: [String]) throws {
    try withToolFolder { folder in
      try folder.makeCounting("a.npy")
      let script = """
        { until [ -e closed ]; do :; done; "$tool" \(arguments.joined(separator: " ")); echo $? > status; } \
        | { exec 0<&-; touch closed; }
        """
      let result = try folder.shell(script)
      #expect(result.stderr.isEmpty, "\(result.stderr)")
      #expect(try String(contentsOfFile: folder.file("status"), encoding: .utf8) == "141\n")
      if arguments.contains("b.dnpy") { #expect(try folder.run("diff", "a.npy", "b.dnpy").exitCode == 0) }
    }
  }
}
