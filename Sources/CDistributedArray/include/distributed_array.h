// The Distributed Array Protocol 0.10.0 as plain C: one process's part of a distributed array, shared without copying.
//
// A producer fills a `distributed_array` that the consumer owns. Everything it points to stays valid until the consumer
// calls `release`, exactly once. Who moves the structure elsewhere copies its bytes and sets `release` of the old one
// to NULL. What the fields mean: Formats/distributed-array-protocol.md.
#ifndef DASTORE_DISTRIBUTED_ARRAY_H
#define DASTORE_DISTRIBUTED_ARRAY_H
#include <stdint.h>

// One axis: a dimension dictionary. Fields that do not belong to `dist_type` are 0.
typedef struct distributed_array_dim {
  int64_t size;            // elements of the whole axis
  int64_t proc_grid_size;  // processes along the axis, and which of them this is
  int64_t proc_grid_rank;
  int64_t start;           // 'b': first global index in the buffer; 'c': proc_grid_rank * block_size
  int64_t stop;            // 'b': one past the last global index in the buffer
  int64_t padding[2];      // 'b': widths at the low and the high end
  int64_t block_size;      // 'c': at least 1
  const int64_t *indices;  // 'u': global indices in the order of the buffer
  int64_t index_count;     // 'u'
  int32_t periodic;        // 'b': 0 or 1
  int32_t one_to_one;      // 'u': 0 or 1
  char dist_type;          // 'b', 'c' or 'u'; 'n', undistributed, is read too
  char reserved[7];        // 0
} distributed_array_dim;

typedef struct distributed_array {
  const char *version;                   // "0.10.0"
  void *buffer;                          // first element; NULL only where there is none
  const char *dtype;                     // NumPy's type string in this machine's byte order: "<f8"
  const int64_t *shape;                  // extents of the buffer, ndim of them
  const int64_t *strides;                // bytes from element to element, or NULL for dense C order
  const distributed_array_dim *dim_data;
  int32_t ndim;
  int32_t read_only;                     // 1 where the buffer must not be written
  void (*release)(struct distributed_array *);  // gives the memory back and sets itself to NULL; NULL: nothing to do
  void *private_data;                    // the producer's
} distributed_array;

#endif
