// zlib; inflateInit2 is a macro that hides the version and struct size, so it needs a function.
#ifndef DASTORE_CZLIB_SHIM_H
#define DASTORE_CZLIB_SHIM_H
#include <zlib.h>
static inline int czlib_inflate_init_raw(z_stream *stream) { return inflateInit2(stream, -MAX_WBITS); }
#endif
