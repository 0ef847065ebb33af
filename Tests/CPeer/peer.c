#include "peer.h"

#include <stdlib.h>

static int live_count = 0;

// Calls `visit` for every element of the buffer with its local index.
typedef void (*visitor)(const distributed_array *array, double *element, const int64_t *index, void *context);

static void for_each(const distributed_array *array, visitor visit, void *context) {
  int64_t index[32] = {0};
  for (int32_t axis = 0; axis < array->ndim; axis++)
    if (array->shape[axis] == 0) return;
  for (;;) {
    char *place = array->buffer;
    for (int32_t axis = 0; axis < array->ndim; axis++) place += index[axis] * array->strides[axis];
    visit(array, (double *)place, index, context);
    int32_t axis = array->ndim - 1;
    while (axis >= 0 && ++index[axis] == array->shape[axis]) index[axis--] = 0;
    if (axis < 0) return;
  }
}

static void add_to_sum(const distributed_array *array, double *element, const int64_t *index, void *context) {
  (void)array, (void)index;
  *(double *)context += *element;
}

double peer_sum(const distributed_array *array) {
  double sum = 0;
  for_each(array, add_to_sum, &sum);
  return sum;
}

static void add_value(const distributed_array *array, double *element, const int64_t *index, void *context) {
  (void)array, (void)index;
  *element += *(double *)context;
}

int peer_add(const distributed_array *array, double value) {
  if (array->read_only) return 0;
  for_each(array, add_value, &value);
  return 1;
}

static int64_t global_index(const distributed_array_dim *dim, int64_t local) {
  switch (dim->dist_type) {
    case 'b': return dim->start + local;
    case 'c': return (local / dim->block_size * dim->proc_grid_size + dim->proc_grid_rank) * dim->block_size +
                     local % dim->block_size;
    default: return dim->indices[local];
  }
}

static void add_index(const distributed_array *array, double *element, const int64_t *index, void *context) {
  (void)element;
  int64_t flat = 0;
  for (int32_t axis = 0; axis < array->ndim; axis++)
    flat = flat * array->dim_data[axis].size + global_index(&array->dim_data[axis], index[axis]);
  *(int64_t *)context += flat;
}

int64_t peer_sum_of_global_indices(const distributed_array *array) {
  int64_t sum = 0;
  for_each(array, add_index, &sum);
  return sum;
}

void peer_release(distributed_array *array) {
  if (array->release) array->release(array);
}

static const int64_t columns[] = {2, 0};
static const int64_t shape[] = {3, 2};
static const int64_t strides[] = {8, 24};
static const distributed_array_dim dims[] = {
    {.size = 6, .proc_grid_size = 2, .proc_grid_rank = 1, .start = 3, .stop = 6, .dist_type = 'b'},
    {.size = 4, .proc_grid_size = 2, .proc_grid_rank = 0, .indices = columns, .index_count = 2, .dist_type = 'u'},
};

static void give_back(distributed_array *array) {
  free(array->buffer);
  array->release = NULL;
  live_count--;
}

void peer_produce(distributed_array *array) {
  double *elements = malloc(6 * sizeof(double));
  for (int column = 0; column < 2; column++)
    for (int row = 0; row < 3; row++) elements[column * 3 + row] = (double)(10 * (row + 3) + columns[column]);
  *array = (distributed_array){.version = "0.10.0", .buffer = elements, .dtype = "<f8", .shape = shape,
                               .strides = strides, .dim_data = dims, .ndim = 2, .release = give_back};
  live_count++;
}

int peer_live_count(void) { return live_count; }
