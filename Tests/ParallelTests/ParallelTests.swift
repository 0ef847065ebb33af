// ParallelTests
