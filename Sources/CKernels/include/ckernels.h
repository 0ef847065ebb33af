// Vector kernels that choose their instruction set at run time. Pure functions over memory; no allocation.
#ifndef DASTORE_CKERNELS_H
#define DASTORE_CKERNELS_H
#include <stddef.h>
#include <stdint.h>

#include "digest.h"
#include "folds.h"
#include "levels.h"
#include "matmul.h"
#include "moments.h"
#include "shuffle.h"
#endif
