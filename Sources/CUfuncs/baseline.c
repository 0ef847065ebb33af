// Loops for every processor of the architecture.
#include "types.h"

#define LEVEL baseline
#include "level.h"
