// Messages between two ranks: raw bytes of a length both know, and typed arrays that carry their length.
//
// Local operations all. Raw messages are cut into pieces that both sides count alike. A typed message is its byte count,
// then (unless that is 0) its bytes as a raw message. Messages between the same ranks with the same tag arrive in order.

internal import CMPI

extension Communicator {
  /// Sends `bytes`; the receiver must ask for exactly as many.
  ///
  /// Wraps `MPI_Send`, which may wait for the receiver.
  /// - Parameter tag: From 0 to 32,767.
  /// - Collective: no.
  public func send(bytes: UnsafeRawBufferPointer, to peer: Int, tag: Int = 0) throws(MPIError) {
    let (peer32, tag32) = try envelope(peer, tag, "MPI_Send")
    guard let handle else { return mailbox?.post(bytes, tag: tag32) ?? () }
    for range in messagePieces(of: bytes.count) {
      try check("MPI_Send") {
        MPI_Send(bytes.address(at: range.lowerBound), Int32(range.count), cmpi_byte(), peer32, tag32, handle)
      }
    }
  }

  /// Receives exactly `bytes.count` bytes.
  ///
  /// Wraps `MPI_Recv`.
  /// - Throws: `MPIError` if the message is longer or shorter.
  /// - Collective: no.
  public func receive(bytes: UnsafeMutableRawBufferPointer, from peer: Int, tag: Int = 0) throws(MPIError) {
    let (peer32, tag32) = try envelope(peer, tag, "MPI_Recv")
    if let mailbox { return try mailbox.take(into: bytes, tag: tag32) }
    guard let handle else { return }
    for range in messagePieces(of: bytes.count) {
      var status = MPI_Status()
      try check("MPI_Recv") {
        MPI_Recv(bytes.address(at: range.lowerBound), Int32(range.count), cmpi_byte(), peer32, tag32, handle, &status)
      }
      try requireCount(status, range.count, "MPI_Recv")
    }
  }

  /// Sends `values`, and how many they are.
  ///
  /// Wraps `MPI_Send`, which may wait for the receiver.
  /// - Collective: no.
  public func send<T: MessageElement>(_ values: [T], to peer: Int, tag: Int = 0) throws(MPIError) {
    try values.withBytes { (bytes) throws(MPIError) in
      if !isSerial {
        try [bytes.count].withBytes { (head) throws(MPIError) in try send(bytes: head, to: peer, tag: tag) }
        if bytes.isEmpty { return }
      }
      try send(bytes: bytes, to: peer, tag: tag)
    }
  }

  /// Receives an array sent with `send(_:to:tag:)` or `startSend(_:to:tag:)`, whatever its length.
  ///
  /// Wraps `MPI_Recv`.
  /// - Collective: no.
  public func receive<T: MessageElement>(_ type: T.Type, from peer: Int, tag: Int = 0) throws(MPIError) -> [T] {
    if let mailbox {
      let message = try mailbox.take(tag: try envelope(peer, tag, "MPI_Recv").tag)
      return try [T](count: message.count / MemoryLayout<T>.stride) { (bytes) throws(MPIError) in
        bytes.copyBytes(from: message.prefix(bytes.count))
      }
    }
    let head = try [Int](count: 1) { (bytes) throws(MPIError) in try receive(bytes: bytes, from: peer, tag: tag) }
    return try [T](count: max(head[0], 0) / MemoryLayout<T>.stride) { (bytes) throws(MPIError) in
      if !bytes.isEmpty { try receive(bytes: bytes, from: peer, tag: tag) }
    }
  }

  /// Starts sending `bytes`, which must stay as they are until the request is done.
  ///
  /// Wraps `MPI_Isend`.
  /// - Collective: no.
  public func startSend(bytes: UnsafeRawBufferPointer, to peer: Int, tag: Int = 0) throws(MPIError) -> Request {
    let pending = PendingCalls()
    try startSend(bytes, to: peer, tag: tag, in: pending)
    return Request(pending)
  }

  /// Starts receiving exactly `bytes.count` bytes into memory that must not be touched until the request is done.
  ///
  /// Wraps `MPI_Irecv`.
  /// - Collective: no.
  public func startReceive(bytes: UnsafeMutableRawBufferPointer, from peer: Int, tag: Int = 0) throws(MPIError)
    -> Request
  {
    if let mailbox { return Request(mailbox, tag: try envelope(peer, tag, "MPI_Irecv").tag, into: bytes) }
    let pending = PendingCalls()
    try startReceive(bytes, from: peer, tag: tag, in: pending)
    return Request(pending)
  }

  /// Starts sending a copy of `values`, and how many they are.
  ///
  /// Wraps `MPI_Isend`.
  /// - Collective: no.
  public func startSend<T: MessageElement>(_ values: [T], to peer: Int, tag: Int = 0) throws(MPIError) -> Request {
    let pending = PendingCalls()
    let copy = MessageBuffer(copying: values)
    pending.keep(copy)
    if !isSerial {
      let head = MessageBuffer(copying: [copy.byteCount])
      pending.keep(head)
      try startSend(UnsafeRawBufferPointer(head.bytes), to: peer, tag: tag, in: pending)
    }
    if isSerial || copy.byteCount > 0 {
      try startSend(UnsafeRawBufferPointer(copy.bytes), to: peer, tag: tag, in: pending)
    }
    return Request(pending)
  }

  /// Starts receiving an array of `count` values sent with `send(_:to:tag:)` or `startSend(_:to:tag:)`.
  ///
  /// Wraps `MPI_Irecv`.
  /// - Collective: no.
  public func startReceive<T: MessageElement>(
    _ type: T.Type, count: Int, from peer: Int, tag: Int = 0
  ) throws(MPIError) -> ReceiveRequest<T> {
    let (byteCount, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<T>.stride)
    guard count >= 0, !overflow else { throw MPIError("MPI_Irecv", MPI_ERR_COUNT, "a message of \(count) elements") }
    let target = MessageBuffer(byteCount: byteCount)
    let head = MessageBuffer(copying: [byteCount])
    let headPending = PendingCalls()
    headPending.keep(head)
    if isSerial {
      return ReceiveRequest(
        head: Request(headPending), headBuffer: head, body: try startReceive(bytes: target.bytes, from: peer, tag: tag),
        target)
    }
    let bodyPending = PendingCalls()
    bodyPending.keep(target)
    try startReceive(head.bytes, from: peer, tag: tag, in: headPending)
    if byteCount > 0 { try startReceive(target.bytes, from: peer, tag: tag, in: bodyPending) }
    return ReceiveRequest(head: Request(headPending), headBuffer: head, body: Request(bodyPending), target)
  }

  private func startSend(_ bytes: UnsafeRawBufferPointer, to peer: Int, tag: Int, in pending: PendingCalls)
    throws(MPIError)
  {
    let (peer32, tag32) = try envelope(peer, tag, "MPI_Isend")
    guard let handle else { return mailbox?.post(bytes, tag: tag32) ?? () }
    for range in messagePieces(of: bytes.count) {
      try pending.start("MPI_Isend") {
        MPI_Isend(bytes.address(at: range.lowerBound), Int32(range.count), cmpi_byte(), peer32, tag32, handle, $0)
      }
    }
  }

  private func startReceive(
    _ bytes: UnsafeMutableRawBufferPointer, from peer: Int, tag: Int, in pending: PendingCalls
  ) throws(MPIError) {
    let (peer32, tag32) = try envelope(peer, tag, "MPI_Irecv")
    guard let handle else { return }
    for range in messagePieces(of: bytes.count) {
      try pending.start("MPI_Irecv", expecting: range.count) {
        MPI_Irecv(bytes.address(at: range.lowerBound), Int32(range.count), cmpi_byte(), peer32, tag32, handle, $0)
      }
    }
  }

  /// The pieces of a message; one empty piece for an empty message, so that its receiver hears of it.
  private func messagePieces(of byteCount: Int) -> [Range<Int>] {
    byteCount == 0 ? [0..<0] : Array(messageLimit.pieces(of: byteCount).ranges)
  }

  private func envelope(_ peer: Int, _ tag: Int, _ call: StaticString) throws(MPIError) -> (peer: Int32, tag: Int32) {
    // 32,767 is the largest tag that every MPI library grants.
    guard (0...32_767).contains(tag) else {
      throw MPIError("\(call)", MPI_ERR_TAG, "tag \(tag) is not between 0 and 32767")
    }
    return (try checked(peer, call, MPI_ERR_RANK), Int32(tag))
  }
}
