// DAChunkCacheTests
