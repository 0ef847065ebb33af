// What errors say, and that they survive the way to other ranks.

import Testing

@testable import MessagePassing

struct MPIErrorTests {
  @Test func texts() {
    var error = MPIError(call: "MPI_File_open", code: 7, errorClass: 42, text: "'a.bin': no such file")
    #expect("\(error)" == "MPI_File_open: 'a.bin': no such file")
    error.rank = 3
    #expect("\(error)" == "rank 3: MPI_File_open: 'a.bin': no such file")
    #expect(error.kind == .noSuchFile)
    #expect("\(MPIError.short("pread", "'a'", expected: 10, found: 3))" == "pread: 'a': expected 10 bytes, found 3")
  }

  @Test(arguments: ["", "ok", "Größe"]) func bytesAndBack(text: String) {
    let error = MPIError(call: text + "!", code: -3, errorClass: .max, text: text)
    var arrived = MPIError(peerBytes: error.peerBytes, rank: 5)
    #expect(arrived.rank == 5)
    // A rank named earlier stays.
    #expect(MPIError(peerBytes: arrived.peerBytes, rank: 1).rank == 5)
    arrived.rank = nil
    #expect(arrived == error)
  }

  @Test func brokenBytesDoNotTrap() {
    let bytes = MPIError(call: "MPI_X", code: 1, errorClass: 2, text: "text").peerBytes
    for count in 0...bytes.count { _ = MPIError(peerBytes: Array(bytes.prefix(count)), rank: 0) }
    for place in bytes.indices {
      var wrong = bytes
      wrong[place] ^= 0xff
      _ = MPIError(peerBytes: wrong, rank: 0)
    }
  }
}
