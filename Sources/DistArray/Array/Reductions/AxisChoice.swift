// Which axes a reduction goes over: one, or several.

/// One axis or several, as NumPy's `axis`: an `Int`, or an array of them. Negative axes count from the end.
public protocol AxisChoice {
  var axes: [Int] { get }
}

extension Int: AxisChoice {
  public var axes: [Int] { [self] }
}

extension [Int]: AxisChoice {
  public var axes: [Int] { self }
}
