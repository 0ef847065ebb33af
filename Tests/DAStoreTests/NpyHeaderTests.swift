// `.npy` headers: decoding, encoding equal to NumPy's, refusals.

import DAStore
import Testing

@Suite struct NpyHeaderTests {
  @Test func encodesByteForByteAsNumPy() throws {
    for expected in NpyGolden.all.headers {
      let header = try NpyHeader(
        shape: expected.shape, dtype: #require(DType(rawValue: expected.dtype)), isFortranOrder: expected.fortran,
        version: #require(NpyHeader.Version(rawValue: expected.version)))
      let text = bytes(hex: expected.hex)
      let blanks = Array(repeating: UInt8(ascii: " "), count: expected.size - text.count - 1)
      #expect(
        header.encoded() == text + blanks + [UInt8(ascii: "\n")],
        "\(expected.shape) \(expected.dtype) \(expected.version)")
      #expect(header.byteCount == expected.size)
      #expect(header.byteCount % NpyHeader.alignment == 0)
      #expect(try NpyHeader(decoding: header.encoded()) == header)
    }
  }

  @Test func decodesWhatNumPyWrote() throws {
    for expected in NpyGolden.all.arrays {
      let file = try NpyGolden.bytes(expected.file)
      let header = try NpyHeader(decoding: file)
      #expect(header.shape == expected.shape)
      #expect(header.dtype.rawValue == expected.dtype)
      #expect(header.isFortranOrder == expected.fortran, "\(expected.file)")
      #expect(header.isBigEndian == expected.bigEndian)
      #expect(header.version.rawValue == expected.version)
      #expect(header.dataByteCount == expected.hex.count / 2)
      #expect(try NpyHeader.byteCount(ofPreamble: Array(file.prefix(NpyHeader.preambleByteCount))) == header.byteCount)
      try header.checkData(availableByteCount: file.count)
    }
  }

  @Test func everyTruncationIsAnError() throws {
    let file = try NpyGolden.bytes("i4_c.npy")
    let header = try NpyHeader(decoding: file)
    for count in 0..<header.byteCount {
      #expect(throws: StoreError.self) { try NpyHeader(decoding: Array(file.prefix(count))) }
    }
    for count in header.byteCount..<header.byteCount + header.dataByteCount {
      let error = storeError { () throws(StoreError) in try header.checkData(availableByteCount: count) }
      #expect(error?.code == .truncated)
    }
  }

  @Test func everyFlippedBitIsAnErrorOrADefinedHeader() throws {
    for name in ["i4_c.npy", "version_3.npy"] {
      let file = try NpyGolden.bytes(name)
      let count = try NpyHeader(decoding: file).byteCount
      for bit in 0..<count * 8 {
        var flipped = file
        flipped[bit / 8] ^= 1 << (bit % 8)
        do {
          let header = try NpyHeader(decoding: flipped)
          #expect(header.elementCount == header.shape.reduce(1, *))
          #expect(header.byteCount <= flipped.count)
        } catch {
          #expect(!error.message.isEmpty && !error.message.contains("\n"))
        }
      }
    }
  }

  @Test func bigEndianOfOneByteIsNoOrder() throws {
    #expect(try !NpyHeader(shape: [2], dtype: .uint8, isBigEndian: true).isBigEndian)
    #expect(try NpyHeader(shape: [2], dtype: .complex64, isBigEndian: true).typeString == ">c8")
  }

  @Test func shapesToWriteAreChecked() {
    let negative = storeError { () throws(StoreError) in _ = try NpyHeader(shape: [-1], dtype: .int8) }
    #expect(negative?.code == .invalidArgument)
    let large = storeError { () throws(StoreError) in _ = try NpyHeader(shape: [1 << 40, 1 << 40], dtype: .int8) }
    #expect(large?.code == .invalidArgument)
  }
}
