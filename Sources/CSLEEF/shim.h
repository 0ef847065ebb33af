// SLEEF's elementary functions; the vector entry points that CUfuncs chooses among at run time are declared there,
// because the library's own header hides them unless the whole file is compiled for their instruction set.
#ifndef DASTORE_CSLEEF_SHIM_H
#define DASTORE_CSLEEF_SHIM_H
#include <sleef.h>
#endif
