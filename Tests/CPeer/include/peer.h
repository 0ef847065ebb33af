// What a numerical library in C does with distributed arrays: read, write, hand out its own, give back.
#ifndef DASTORE_TESTS_PEER_H
#define DASTORE_TESTS_PEER_H
#include "distributed_array.h"

// The sum of a local array of float64, walked by its strides.
double peer_sum(const distributed_array *array);

// Adds `value` to every element of a local array of float64; returns 0 when it may not write.
int peer_add(const distributed_array *array, double value);

// The sum of global flat indices (C order) of all elements, computed from `dim_data` alone.
int64_t peer_sum_of_global_indices(const distributed_array *array);

// Gives the array back to its producer.
void peer_release(distributed_array *array);

// Fills `array` with this process's part of a 6 x 4 array of float64 in Fortran order: rows in blocks over two
// processes, of which this is the second, columns dealt as the list {2, 0}. Elements are 10 * row + column.
void peer_produce(distributed_array *array);

// How many arrays of peer_produce have not been given back.
int peer_live_count(void);
#endif
