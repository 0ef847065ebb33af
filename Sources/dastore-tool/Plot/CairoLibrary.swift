// The functions of the Cairo graphics library that charts are drawn with, found when the first chart is drawn. Loading
// Cairo takes two milliseconds and a dozen libraries, which no other command should pay (Docs/Decisions/0007).

import DAStore
import Glibc

/// Cairo's functions by their C names, with the types that its manual gives them.
struct CairoLibrary {
  typealias Surface = OpaquePointer
  typealias Context = OpaquePointer
  typealias Writer = @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<UInt8>?, UInt32) -> Int32

  let imageSurfaceCreate: @convention(c) (_ format: Int32, _ width: Int32, _ height: Int32) -> Surface?
  let create: @convention(c) (Surface?) -> Context?
  let destroy: @convention(c) (Context?) -> Void
  let surfaceDestroy: @convention(c) (Surface?) -> Void
  let status: @convention(c) (Context?) -> Int32
  let statusToString: @convention(c) (Int32) -> UnsafePointer<CChar>?
  let setSourceRGB: @convention(c) (Context?, _ red: Double, _ green: Double, _ blue: Double) -> Void
  let setLineWidth: @convention(c) (Context?, Double) -> Void
  let paint: @convention(c) (Context?) -> Void
  let moveTo: @convention(c) (Context?, _ x: Double, _ y: Double) -> Void
  let lineTo: @convention(c) (Context?, _ x: Double, _ y: Double) -> Void
  let stroke: @convention(c) (Context?) -> Void
  let fill: @convention(c) (Context?) -> Void
  let save: @convention(c) (Context?) -> Void
  let restore: @convention(c) (Context?) -> Void
  let rotate: @convention(c) (Context?, _ radians: Double) -> Void
  let selectFontFace: @convention(c) (Context?, UnsafePointer<CChar>?, _ slant: Int32, _ weight: Int32) -> Void
  let setFontSize: @convention(c) (Context?, Double) -> Void
  /// Fills six numbers: bearings, width, height, advances.
  let textExtents: @convention(c) (Context?, UnsafePointer<CChar>?, UnsafeMutablePointer<Double>?) -> Void
  let showText: @convention(c) (Context?, UnsafePointer<CChar>?) -> Void
  let writeToPNGStream: @convention(c) (Surface?, Writer?, UnsafeMutableRawPointer?) -> Int32

  /// - Throws: `.unsupported` when Cairo is not installed.
  init() throws(StoreError) {
    // Never closed: it is needed until the process ends.
    guard let library = dlopen("libcairo.so.2", RTLD_LAZY | RTLD_LOCAL) else {
      throw StoreError(.unsupported, "drawing needs the Cairo library, which is not installed (on Debian: libcairo2)")
    }
    /// The C function of a name, as the type of where it goes.
    func function<F>(_ name: String) throws(StoreError) -> F {
      guard let symbol = dlsym(library, "cairo_" + name) else {
        throw StoreError(.unsupported, "this Cairo library has no function cairo_\(name); install Cairo 1.16 or newer")
      }
      return unsafeBitCast(symbol, to: F.self)
    }
    imageSurfaceCreate = try function("image_surface_create")
    create = try function("create")
    destroy = try function("destroy")
    surfaceDestroy = try function("surface_destroy")
    status = try function("status")
    statusToString = try function("status_to_string")
    setSourceRGB = try function("set_source_rgb")
    setLineWidth = try function("set_line_width")
    paint = try function("paint")
    moveTo = try function("move_to")
    lineTo = try function("line_to")
    stroke = try function("stroke")
    fill = try function("fill")
    save = try function("save")
    restore = try function("restore")
    rotate = try function("rotate")
    selectFontFace = try function("select_font_face")
    setFontSize = try function("set_font_size")
    textExtents = try function("text_extents")
    showText = try function("show_text")
    writeToPNGStream = try function("surface_write_to_png_stream")
  }
}
