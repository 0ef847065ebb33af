// Choosing an instruction set, and operands that are one element.
#include "cufuncs.h"
#include <string.h>

const struct cufuncs_loop *cufuncs_loops_baseline(int64_t *count);
const struct cufuncs_loop *cufuncs_loops_avx2(int64_t *count);
const struct cufuncs_loop *cufuncs_loops_avx512(int64_t *count);

const struct cufuncs_loop *cufuncs_loops(int level, int64_t *count) {
#if defined(__x86_64__)
  switch (level) {
    case 2: return cufuncs_loops_avx512(count);
    case 1: return cufuncs_loops_avx2(count);
  }
#else
  (void)level;
#endif
  return cufuncs_loops_baseline(count);
}

static const uint8_t element_size[] = {1, 1, 2, 4, 8, 1, 2, 4, 8, 2, 4, 8, 8, 16};

// Loops know contiguous operands only. A single element is repeated in a block that stays in the first-level cache:
// reading it there costs less than the loop's other traffic.
enum { BLOCK_BYTES = 4096 };

static void repeat(unsigned char *block, const void *element, size_t size, int64_t count) {
  size_t bytes = size * (size_t)count;
  if (bytes == 0) return;
  memcpy(block, element, size);
  for (size_t done = size; done < bytes; done *= 2)
    memcpy(block + done, block, done < bytes - done ? done : bytes - done);
}

int64_t cufuncs_run(const struct cufuncs_loop *loop, int64_t count, struct cufuncs_input a, struct cufuncs_input b,
                    struct cufuncs_input c, void *first, void *second) {
  const struct cufuncs_input operands[3] = {a, b, c};
  const void *inputs[3] = {a.elements, b.elements, c.elements};
  void *outputs[2] = {first, second};
  size_t largest = 0;
  for (int i = 0; i < loop->input_count; i++)
    if (operands[i].is_single && element_size[loop->inputs[i]] > largest) largest = element_size[loop->inputs[i]];
  if (largest == 0 || count == 0) return loop->run(count, inputs, outputs);

  _Alignas(64) unsigned char blocks[3][BLOCK_BYTES];
  int64_t length = BLOCK_BYTES / (int64_t)largest;
  if (length > count) length = count;
  for (int i = 0; i < loop->input_count; i++)
    if (operands[i].is_single) {
      repeat(blocks[i], inputs[i], element_size[loop->inputs[i]], length);
      inputs[i] = blocks[i];
    }
  for (int64_t start = 0; start < count; start += length) {
    int64_t failed = loop->run(count - start < length ? count - start : length, inputs, outputs);
    if (failed >= 0) return start + failed;
    for (int i = 0; i < loop->input_count; i++)
      if (!operands[i].is_single) inputs[i] = (const char *)inputs[i] + length * element_size[loop->inputs[i]];
    for (int i = 0; i < loop->output_count; i++)
      outputs[i] = (char *)outputs[i] + length * element_size[loop->outputs[i]];
  }
  return -1;
}
