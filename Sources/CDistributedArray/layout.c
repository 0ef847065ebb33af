// The layout that bindings of other languages rely on, checked by the compiler (64-bit machines).
#include <stddef.h>

#include "distributed_array.h"

_Static_assert(sizeof(distributed_array_dim) == 96, "size of a dimension");
_Static_assert(offsetof(distributed_array_dim, padding) == 40, "place of padding");
_Static_assert(offsetof(distributed_array_dim, indices) == 64, "place of indices");
_Static_assert(offsetof(distributed_array_dim, dist_type) == 88, "place of dist_type");
_Static_assert(sizeof(distributed_array) == 72, "size of the array");
_Static_assert(offsetof(distributed_array, dim_data) == 40, "place of dim_data");
_Static_assert(offsetof(distributed_array, ndim) == 48, "place of ndim");
_Static_assert(offsetof(distributed_array, release) == 56, "place of release");
