// LZ4 block functions; everything needed is visible to Swift through the header itself.
#ifndef DASTORE_CLZ4_SHIM_H
#define DASTORE_CLZ4_SHIM_H
#include <lz4.h>
#endif
