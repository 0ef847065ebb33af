// Times of commits: taken from the system's clock, printed for people.

import Glibc

/// Nanoseconds since 1970-01-01 UTC. Wraps `clock_gettime(CLOCK_REALTIME)`.
func currentTime() -> Int64 {
  var time = timespec()
  clock_gettime(CLOCK_REALTIME, &time)
  return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

/// A time as ISO 8601 in UTC, to the second: `2026-11-21T03:02:00Z`.
public func timeText(nanoseconds: Int64) -> String {
  var seconds = time_t(nanoseconds / 1_000_000_000)
  var fields = tm()
  guard gmtime_r(&seconds, &fields) != nil else { return "\(nanoseconds) ns" }
  func two(_ value: Int32) -> String { (value < 10 ? "0" : "") + "\(value)" }
  return "\(Int(fields.tm_year) + 1900)-\(two(fields.tm_mon + 1))-\(two(fields.tm_mday))"
    + "T\(two(fields.tm_hour)):\(two(fields.tm_min)):\(two(fields.tm_sec))Z"
}
