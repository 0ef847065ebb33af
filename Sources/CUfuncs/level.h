// All loops and their table, for the instruction set of the file that includes this; LEVEL names it.
#include "half.h"
#include "define.h"
#include "families.h"
#include "rows.h"

static const struct cufuncs_loop loops[] = {
#include "families.h"
};

const struct cufuncs_loop *PASTE2(cufuncs_loops_, LEVEL)(int64_t *count);
const struct cufuncs_loop *PASTE2(cufuncs_loops_, LEVEL)(int64_t *count) {
  *count = sizeof loops / sizeof *loops;
  return loops;
}
